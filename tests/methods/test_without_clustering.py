"""What a method without clusterings is refused, and what its checkpoints allow."""

import pytest
import torch
from method_runs import method_config
from small_run import CLUSTERS, load, run

from mmseg_picie.checkpoints import (
    build_segmentor,
    export_mmseg,
    part_ids,
    read_run_checkpoint,
    save_split,
)
from mmseg_picie.clustering import ClusterParts
from mmseg_picie.errors import InputError


@pytest.fixture(scope='module')
def trained_folder(camvid_root, tmp_path_factory):
    folder = tmp_path_factory.mktemp('agreeing')
    hooks = dict(ema=dict(type='EMAHook', momentum=0.5), label_free=None)
    run(method_config('agreeing', camvid_root, folder, rounds=1, default_hooks=hooks))
    return folder


@pytest.mark.parametrize(
    'hooks, words',
    [
        (
            dict(kmeans=dict(_delete_=True, type='KMeansLabelHook')),
            r'default_hooks\.kmeans=None',
        ),
        (
            dict(
                kmeans=dict(_delete_=True, type='KMeansLabelHook'),
                refit=dict(_delete_=True, type='RefitHook'),
            ),
            'AgreeingSegmentor with a SoftmaxHead has no use',
        ),
    ],
)
def test_hooks_that_cluster_are_refused(camvid_root, tmp_path, hooks, words):
    config = method_config('agreeing', camvid_root, tmp_path, default_hooks=hooks)
    with pytest.raises(InputError, match=words):
        run(config)


def test_averaged_weights_predict_as_well(trained_folder):
    checkpoint = load(trained_folder / 'epoch_1.pth')
    averaged = checkpoint['ema_state_dict']
    assert averaged['module.decode_head.rounds_trained'] == 1
    head = checkpoint['state_dict']
    assert head['decode_head.rounds_trained'] == 1


def test_learned_clusters_can_be_divided(trained_folder, tmp_path):
    checkpoint = trained_folder / 'epoch_1.pth'
    model, _ = build_segmentor(checkpoint)
    head = model.decode_head
    weight, bias = (value.detach() for value in head.score_layer())
    # Two parts of cluster 1 that go different ways of the first axis.
    step = torch.zeros(2, head.in_channels)
    step[:, 0] = torch.tensor([1e-3, -1e-3])
    shares, rows = torch.tensor([0.6, 0.4]).double(), weight[1] + step
    parts = ClusterParts(rows, shares, rows, bias[1].expand(2))
    ids = part_ids(CLUSTERS, [1], 2)
    out = tmp_path / 'split.pth'
    save_split(checkpoint, head, {1: parts}, ids, out)
    divided, _ = build_segmentor(out)
    images = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    old, new = (
        network.eval().decode_head(network.extract_feat(images)).argmax(1)
        for network in (model, divided)
    )
    wholes = torch.tensor([*range(CLUSTERS), 1])
    assert torch.equal(wholes[new], old)
    assert read_run_checkpoint(str(out))['meta']['dataset_meta']['classes'][-1]


def test_mmsegs_own_layers_predict_learned_clusters(trained_folder, tmp_path):
    # The export compares masks and refuses to write others.
    ids = export_mmseg(trained_folder / 'epoch_1.pth', tmp_path / 'plain')
    assert ids.holds == 'clusters' and ids.clusters == tuple(range(CLUSTERS))
    assert (tmp_path / 'plain' / 'model.pth').is_file()


def test_a_training_from_other_weights_learns_its_own_clusters(
    trained_folder, camvid_root, tmp_path
):
    more = dict(load_from=str(trained_folder / 'epoch_1.pth'), rounds=1)
    hooks = dict(label_free=None)
    config = method_config(
        'agreeing', camvid_root, tmp_path, default_hooks=hooks, **more
    )
    config.optim_wrapper.optimizer.lr = 0.0
    fresh = config.copy()
    fresh.load_from, fresh.work_dir = None, str(tmp_path / 'fresh')
    rows = [
        run(part).model.decode_head.classifier.weight.detach()
        for part in (config, fresh)
    ]
    assert torch.equal(*rows)
