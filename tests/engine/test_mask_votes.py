"""PriMaPs votes without training: masks are clustered, and pixels vote by masks."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from mmseg.apis import inference_model
from processes import distribute, in_processes
from small_run import CLUSTERS, make_config, run, state

from mmseg_picie.checkpoints import (
    build_segmentor,
    export_mmseg,
    export_onnx,
    read_run_checkpoint,
    weights_hash,
)
from mmseg_picie.checkpoints.names import Names
from mmseg_picie.clustering import kmeans, mask_means, mask_proposals
from mmseg_picie.engine import ClusteringSettings
from mmseg_picie.errors import InputError
from mmseg_picie.inference import Segmenter, check_marked

# Random weights: pixels of an image are alike, and few masks would be left.
THRESHOLD = 0.97


def vote_config(camvid_root, folder, **options):
    config = make_config(camvid_root, folder, **options)
    config.model.decode_head.update(type='MaskVotingHead', mask_threshold=THRESHOLD)
    config.default_hooks.kmeans.update(
        points_from='masks', mask_threshold=THRESHOLD, batch_size=7, init_images=7
    )
    config.train_cfg = dict(type='ClusterOnlyLoop')
    return config


@pytest.fixture(scope='module')
def voted(camvid_root, tmp_path_factory):
    """(runner, checkpoint)."""
    folder = tmp_path_factory.mktemp('voted')
    return run(vote_config(camvid_root, folder)), folder / 'epoch_1.pth'


def masks_of(segmenter, path):
    points = segmenter.embed(cv2.imread(str(path))).flatten(1).T
    return points, mask_proposals(points, THRESHOLD)


def test_centroids_are_those_of_the_masks_means(voted, camvid_root):
    runner, checkpoint = voted
    segmenter = Segmenter(checkpoint, 'cpu')
    means = [
        mask_means(*masks_of(segmenter, path))
        for path in sorted((camvid_root / 'img').glob('train_*.jpg'))
    ]
    head = runner.model.decode_head
    count = sum(map(len, means))
    assert count > 7 + CLUSTERS  # more than one mask an image
    assert int(head.eval_cluster_size.sum()) == count
    # One step of all images: k-means of all points, which stays where it is.
    found = kmeans(
        torch.cat(means), CLUSTERS, seed=0, initial_centroids=head.eval_centroids
    )
    assert torch.allclose(found.centroids, head.eval_centroids, atol=1e-4)


def test_a_mask_has_one_cluster(voted, camvid_root):
    _, checkpoint = voted
    segmenter = Segmenter(checkpoint, 'cpu')
    for path in sorted((camvid_root / 'img').glob('val_*.jpg')):
        _, masks = masks_of(segmenter, path)
        pixels = segmenter.embed(cv2.imread(str(path)))
        ids = segmenter.model.decode_head.scores(pixels[None]).argmax(1).flatten()
        for mask in range(int(masks.max()) + 1):
            assert len(ids[masks == mask].unique()) == 1


def test_a_checkpoint_evaluates_as_the_run_did(voted, camvid_root, tmp_path):
    runner, checkpoint = voted
    config = vote_config(camvid_root, tmp_path / 'test')
    config.load_from = str(checkpoint)
    metrics = Runner.from_cfg(config).test()
    validated = runner.message_hub.get_scalar('val/mIoU').current()
    assert metrics['mIoU'] == pytest.approx(validated, abs=1e-9)
    (table,) = (tmp_path / 'test').rglob('matching.json')
    source = json.loads(table.read_text())['centroids']
    assert source.endswith(f'by masks of threshold {THRESHOLD}')


def test_masks_are_those_of_mmseg_and_names_are_exact(voted, camvid_root):
    _, checkpoint = voted
    path = camvid_root / 'img' / 'val_01.jpg'
    model, cfg = build_segmentor(checkpoint)
    model.cfg = cfg
    expected = inference_model(model, str(path)).pred_sem_seg.data[0].numpy()
    segmenter = Segmenter(checkpoint, 'cpu')
    clusters = segmenter.predict(path)
    assert (clusters == expected).mean() > 0.999
    segmenter.name({0: 'sky', 1: 'road', 2: 'sky', 3: None})
    assert np.array_equal(segmenter.predict(path), np.array([0, 1, 0, 255])[clusters])


def test_exports_and_divisions_are_refused_with_a_remedy(voted, tmp_path):
    _, checkpoint = voted
    for export in (export_mmseg, export_onnx):
        with pytest.raises(InputError, match="model.decode_head.predict_by='pixels'"):
            export(checkpoint, tmp_path / 'a.onnx')
    digest = weights_hash(read_run_checkpoint(str(checkpoint))['state_dict'])
    with pytest.raises(InputError, match='cannot be divided: they are those of masks'):
        check_marked(Segmenter(checkpoint, 'cpu'), Names((), digest, split=(1,)))


def cluster_here(rank, root, work_dir):
    config = distribute(vote_config(root, work_dir))
    config.default_hooks.kmeans.batch_size = 4
    run(config)


@pytest.mark.slow
def test_two_processes_find_the_clusters_of_one(camvid_root, tmp_path):
    in_processes(2, tmp_path, cluster_here, camvid_root, tmp_path / 'two')
    config = vote_config(camvid_root, tmp_path / 'one')
    config.default_hooks.kmeans.batch_size = 8
    run(config)
    one, two = (state(tmp_path / name, 1) for name in ('one', 'two'))
    for name, value in one.items():
        assert torch.allclose(value.double(), two[name].double(), atol=1e-4), name


@pytest.mark.parametrize(
    'options, said',
    [
        (dict(points_from='mask'), "points_from must be one of .* got 'mask'"),
        (dict(mask_threshold=0), r'mask_threshold must lie in \(0, 1\], got 0'),
        (dict(points_from='masks', pixel_share=0.5), 'pixel_share must be 1'),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(options, said):
    with pytest.raises(InputError, match=said):
        ClusteringSettings(**options)
