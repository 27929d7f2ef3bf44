"""What a round clusters, keeps and reports."""

import re

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_run import CLUSTERS, SEED, load, run, state

from mmseg_picie.engine import KMeansLabelHook, RefitHook, find_hook
from mmseg_picie.errors import InputError
from mmseg_picie.views import round_clock


def head_states(work_dir, rounds):
    """The decode head's buffers after each round."""
    return [
        {
            name.removeprefix('decode_head.'): value
            for name, value in state(work_dir, epoch).items()
            if name.startswith('decode_head.')
        }
        for epoch in range(1, rounds + 1)
    ]


def test_rounds_change_the_views_and_the_clusters(config, tmp_path):
    run(config(rounds=2))
    first, second = head_states(tmp_path / 'run', 2)
    for view in (0, 1):
        assert not torch.equal(first['centroids'][view], second['centroids'][view])
    assert not torch.equal(first['centroids'][0], first['centroids'][1])
    assert not torch.equal(first['eval_centroids'], second['eval_centroids'])
    assert (first['centroids_round'], second['centroids_round']) == (1, 2)
    # Every cell of every image, once.
    assert second['cluster_sizes'].sum(1).tolist() == [7 * 16 * 16] * 2


class KeepViews(Hook):
    """Keeps the first views that each round trains on."""

    def before_train_epoch(self, runner):
        self.rounds = [*getattr(self, 'rounds', []), []]

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        self.rounds[-1].extend(view.numpy().tobytes() for view in views_of(data_batch))


def views_of(sample):
    return sample['inputs']['view1'].contiguous()


@pytest.mark.parametrize('workers', [0, 1])
def test_each_round_trains_on_views_of_its_own(config, workers):
    loader = dict(num_workers=workers, persistent_workers=workers > 0)
    keep = KeepViews()
    runner = Runner.from_cfg(config(rounds=2, train_dataloader=loader))
    runner.register_hook(keep)
    runner.train()
    for index, seen in enumerate(keep.rounds):
        round_clock.set(SEED, index)
        views = map(views_of, runner.train_dataloader.dataset)
        assert sorted(seen) == sorted(view.numpy().tobytes() for view in views)
    assert not set(keep.rounds[0]) & set(keep.rounds[1])


def test_frozen_copy_is_freed_after_the_last_round(config):
    model = run(config()).model
    with pytest.raises(InputError, match=r'has no frozen copy .* freeze_network\(\)'):
        model.frozen_embed(torch.zeros(1, 3, 64, 64))


@pytest.mark.parametrize('size, expected', [(None, 2), (5, 5)])
def test_refit_has_a_batch_size_of_its_own_or_that_of_kmeans(config, size, expected):
    hooks = dict(kmeans=dict(batch_size=2), refit=dict(batch_size=size))
    runner = Runner.from_cfg(config(default_hooks=hooks))
    kmeans = find_hook(runner, KMeansLabelHook)
    images = find_hook(runner, RefitHook).open_pass(runner, kmeans)
    batches = [len(samples) for _, samples in images.run((SEED, 0))]
    assert max(batches) == expected
    assert sum(batches) == 7


def test_shares_of_images_and_pixels_are_clustered(config):
    kmeans = dict(image_share=0.5, pixel_share=0.1)
    head = run(config(default_hooks=dict(kmeans=kmeans))).model.decode_head
    # 4 of 7 images, 26 of 16 x 16 cells each.
    assert head.cluster_sizes.sum(1).tolist() == [4 * 26, 4 * 26]
    assert head.eval_cluster_size.sum() == 4 * 14  # of 10 x 14 cells


def test_second_clustering_is_made_stored_and_dropped(config, tmp_path):
    model = run(config('first', model=dict(auxiliary_clusters=9))).model
    stored = state(tmp_path / 'first', 1)
    assert stored['auxiliary_head.centroids'].shape == (2, 9, 8)
    sizes = stored['auxiliary_head.cluster_sizes']
    assert sizes.sum(1).tolist() == [7 * 16 * 16] * 2
    assert model.decode_head.eval_centroids.shape == (CLUSTERS, 8)
    again = config('second', load_from=str(tmp_path / 'first' / 'epoch_1.pth'))
    again.model.auxiliary_clusters = 6
    assert run(again).model.auxiliary_head.centroids.shape == (2, 6, 8)


def test_interval_keeps_the_centroids_between_clusterings(config, tmp_path):
    run(config(rounds=3, default_hooks=dict(kmeans=dict(interval=2))))
    first, second, third = head_states(tmp_path / 'run', 3)
    for name in ('centroids', 'cluster_sizes'):
        assert torch.equal(first[name], second[name])
        for view in (0, 1):
            assert not torch.equal(second[name][view], third[name][view])
    assert not torch.equal(first['eval_centroids'], second['eval_centroids'])


def test_checkpoint_names_clusters_not_classes(config, tmp_path):
    run(config())
    meta = load(tmp_path / 'run' / 'epoch_1.pth')['meta']['dataset_meta']
    assert meta['classes'] == tuple(f'cluster_{i}' for i in range(CLUSTERS))
    assert len({tuple(color) for color in meta['palette']}) == CLUSTERS


def test_evaluation_centroids_of_view1_are_those_before_the_epoch(config):
    hooks = dict(refit=dict(eval_centroids='view1'))
    head = run(config(default_hooks=hooks)).model.decode_head
    assert head.centroids.any()
    assert torch.equal(head.eval_centroids, head.centroids[0])
    assert torch.equal(head.eval_cluster_size, head.cluster_sizes[0])


def round_line(work_dir):
    (log,) = work_dir.glob('*/*.log')
    (line,) = [row for row in log.read_text().splitlines() if 'Round 1/1' in row]
    return line


@pytest.mark.parametrize(
    'hooks, names, stages',
    [
        (dict(), ['view1', 'view2'], 'cluster train refit'),
        (dict(kmeans=dict(centroid_sets='shared')), ['views'], 'cluster train refit'),
        (
            dict(kmeans=dict(warm_start=True, cluster_size_from='labels')),
            ['initial', 'view1', 'view2'],
            'initial cluster count train refit',
        ),
        (
            dict(calibrate=dict(type='CalibrateBatchNormHook')),
            ['view1', 'view2'],
            'calibrate cluster train refit',
        ),
    ],
)
def test_round_line_reports_clusters_and_seconds(
    config, tmp_path, hooks, names, stages
):
    run(config(log_level='INFO', default_hooks=hooks))
    clusterings = [
        rf'{name}: inertia \d\.\d{{4}}, \d empty, shares [\d.]+-[\d.]+ %'
        for name in (*names, 'evaluation')
    ]
    seconds = ', '.join(rf'{stage} \d+\.\d' for stage in stages.split())
    parts = ['Round 1/1', *clusterings, f'seconds: {seconds}']
    assert re.search(r' \| '.join(parts) + '$', round_line(tmp_path / 'run'))


def test_gradient_accumulation_equals_the_larger_batch(config):
    def weights(name, batch_size, counts):
        cfg = config(name, batch_size=batch_size)
        cfg.model.backbone.norm_eval = True
        cfg.model.decode_head.loss.cluster_weight = 'none'
        cfg.optim_wrapper.optimizer = dict(type='SGD', lr=0.1)
        cfg.optim_wrapper.accumulative_counts = counts
        cfg.train_dataloader.batch_sampler.drop_last = True  # 6 of 7 images
        return run(cfg).model.state_dict()

    once, twice = weights('once', 6, 1), weights('twice', 3, 2)
    for name in ('backbone.conv1.weight', 'neck.laterals.3.weight'):
        assert torch.allclose(once[name], twice[name], atol=1e-6)


def test_weights_to_begin_with_bring_no_centroids(config, tmp_path):
    run(config('first'))
    cfg = config('second', load_from=str(tmp_path / 'first' / 'epoch_1.pth'))
    cfg.model.decode_head.num_clusters = 6
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    cfg.log_level = 'WARNING'
    model = run(cfg).model
    (log,) = (tmp_path / 'second').glob('*/*.log')
    assert 'clusters; they are dropped' in log.read_text()
    name = 'neck.laterals.0.weight'
    assert torch.equal(model.state_dict()[name], state(tmp_path / 'first', 1)[name])
