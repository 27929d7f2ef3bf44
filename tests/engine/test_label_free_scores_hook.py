import copy
import json

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from processes import distribute, in_processes
from small_run import assert_same, load, make_config, run, write_camvid

from mmseg_picie.engine import LabelFreeScoresHook, find_hook, unwrap
from mmseg_picie.engine.hooks.label_free_scores_hook import predicted_clusters
from mmseg_picie.errors import InputError

SCORES = (
    *('view_agreement', 'explained_inertia', 'size_entropy', 'silhouette'),
    *('round_agreement', 'neighbor_agreement'),
)
HOOK = dict(
    type='LabelFreeScoresHook', num_images=4, points_per_image=30, num_neighbors=3
)


def scored(hook=HOOK, **hooks):
    """The hooks of a round and this one."""
    return dict(label_free=hook, **hooks)


def logged(work_dir):
    (log,) = work_dir.glob('*/vis_data/scalars.json')
    rows = map(json.loads, log.read_text().splitlines())
    return [row for row in rows if 'iter' not in row]


class KeepMetrics(Hook):
    """Keeps the metrics and the random state that hooks below see."""

    priority = 'LOW'

    def __init__(self):
        self.metrics, self.states = [], []

    def before_train(self, runner):
        self.states.append(torch.get_rng_state())

    def after_train_epoch(self, runner):
        self.states.append(torch.get_rng_state())
        assert runner.model.training

    def after_val_epoch(self, runner, metrics=None):
        self.metrics.append(dict(metrics))


class KeepPoints(Hook):
    """Keeps the sample's points by the initial network."""

    priority = 'LOW'

    def before_train(self, runner):
        sample = find_hook(runner, LabelFreeScoresHook)._sample
        self.points = sample.points(unwrap(runner.model))


def test_scores_are_metrics_and_logged(config, tmp_path):
    keep = KeepMetrics()
    runner = Runner.from_cfg(config(rounds=2, default_hooks=scored()))
    runner.register_hook(keep)
    runner.train()
    names = {f'label_free/{name}' for name in SCORES}
    first, second = keep.metrics
    assert names < first.keys() and names < second.keys()
    # There is no round before the first.
    assert [name for name in names if first[name] is None] == [
        'label_free/round_agreement'
    ]
    rows = logged(tmp_path / 'run')
    assert [row['step'] for row in rows] == [1, 2]
    for row, metrics in zip(rows, keep.metrics, strict=True):
        known = {name for name in names if metrics[name] is not None}
        assert {name: row[name] for name in known} == pytest.approx(
            {name: metrics[name] for name in known}
        )
        assert 'mIoU' in row


def test_one_line_a_round_names_the_scores(config, tmp_path):
    run(config(default_hooks=scored(), log_level='INFO'))
    (log,) = (tmp_path / 'run').glob('*/*.log')
    (line,) = [row for row in log.read_text().splitlines() if 'Label-free' in row]
    for word in ('120 points', 'silhouette', 'view_agreement', 'seconds'):
        assert word in line


@pytest.mark.parametrize('labels', [True, False])
def test_best_checkpoint_is_chosen_by_a_label_free_score(config, tmp_path, labels):
    checkpoint = dict(save_best='label_free/view_agreement', rule='greater')
    options = dict(default_hooks=scored(checkpoint=checkpoint))
    if not labels:
        metric = dict(_delete_=True, type='ClusterStatisticsMetric', protocol='test')
        options['val_evaluator'] = metric
    run(config(rounds=2, **options))
    scores = [row['label_free/view_agreement'] for row in logged(tmp_path / 'run')]
    best = scores.index(max(scores)) + 1
    (path,) = (tmp_path / 'run').glob('best_*.pth')
    assert path.name == f'best_label_free_view_agreement_epoch_{best}.pth'


def test_best_checkpoint_by_a_score_that_the_first_round_lacks(config, tmp_path):
    checkpoint = dict(save_best='label_free/round_agreement', rule='greater')
    run(config(rounds=2, default_hooks=scored(checkpoint=checkpoint)))
    (path,) = (tmp_path / 'run').glob('best_*.pth')
    assert path.name == 'best_label_free_round_agreement_epoch_2.pth'


def test_resumed_run_has_the_same_scores_to_the_bit(config, tmp_path):
    options = dict(default_hooks=scored())
    run(config('whole', rounds=2, **options))
    run(config('part', rounds=1, **options))
    run(
        config(
            'rest',
            **options,
            rounds=2,
            resume=True,
            load_from=str(tmp_path / 'part' / 'epoch_1.pth'),
        )
    )
    whole, rest = logged(tmp_path / 'whole')[-1], logged(tmp_path / 'rest')[-1]
    for name in SCORES:
        assert whole[f'label_free/{name}'] == rest[f'label_free/{name}']
    kept = [
        load(tmp_path / name / f'epoch_{epoch}.pth')['label_free']
        for name, epoch in (('whole', 2), ('part', 1), ('rest', 2))
    ]
    for state in kept[1:]:
        assert torch.equal(kept[0]['neighbors'], state['neighbors'])
    assert torch.equal(kept[0]['clusters'], kept[2]['clusters'])


@pytest.mark.parametrize('ema', [False, True])
def test_training_is_the_same_without_the_hook(config, ema):
    more = dict(ema=dict(type='EMAHook', momentum=0.3)) if ema else {}
    results = []
    for name, hook in (('with', HOOK), ('without', None)):
        keep = KeepMetrics()
        hooks = scored(hook, **more)
        runner = Runner.from_cfg(config(name, rounds=2, default_hooks=hooks))
        runner.register_hook(keep)
        runner.train()
        results.append((runner.model.state_dict(), keep.states, keep.metrics))
    (weights, states, metrics), (others, other_states, other_metrics) = results
    assert_same(weights, others)
    for one, two in zip(states, other_states, strict=True):
        assert torch.equal(one, two)
    for one, two in zip(metrics, other_metrics, strict=True):
        assert two == {name: one[name] for name in two}


class KeepFirstStep(Hook):
    """Keeps the sample and the network after the first step."""

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.iter == 0:
            self.sample = find_hook(runner, LabelFreeScoresHook)._sample
            self.model = copy.deepcopy(runner.model)


def test_averaged_weights_are_what_is_scored(config, tmp_path):
    # The average begins after the first step, and hardly moves.
    hooks = scored(ema=dict(type='EMAHook', momentum=1e-9))
    kept = dict(backbone=dict(norm_eval=True))  # statistics are not averaged
    runner = Runner.from_cfg(config(default_hooks=hooks, model=kept))
    first = KeepFirstStep()
    runner.register_hook(first)
    runner.train()
    clusters = load(tmp_path / 'run' / 'epoch_1.pth')['label_free']['clusters']
    head = runner.model.decode_head
    for model, scored_here in ((first.model, True), (runner.model, False)):
        model.freeze_network()
        points = first.sample.points(model)
        assert torch.equal(clusters, predicted_clusters(head, points)) == scored_here


def test_network_that_is_not_trained_is_scored(config, tmp_path):
    cfg = config(default_hooks=scored())
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    run(cfg)
    (row,) = logged(tmp_path / 'run')
    assert 'label_free/silhouette' in row and 'label_free/round_agreement' not in row


def train_here(rank, root, work_dir):
    config = distribute(make_config(root, work_dir, default_hooks=scored()))
    keep, sample = KeepMetrics(), KeepPoints()
    runner = Runner.from_cfg(config)
    runner.register_hook(keep)
    runner.register_hook(sample)
    runner.train()
    scores = {k: v for k, v in keep.metrics[0].items() if k.startswith('label_free/')}
    torch.save((scores, sample.points), work_dir / f'{rank}.pth')


def test_processes_come_to_the_same_scores(camvid_root, config, tmp_path):
    work_dir = tmp_path / 'two'
    in_processes(2, tmp_path, train_here, camvid_root, work_dir)
    (first, points), (second, others) = (load(work_dir / f'{r}.pth') for r in (0, 1))
    assert first == second
    assert len(first) == len(SCORES)
    assert torch.equal(points, others)
    # One process has the same sample.
    cfg = config('one', default_hooks=scored())
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    runner, sample = Runner.from_cfg(cfg), KeepPoints()
    runner.register_hook(sample)
    runner.train()
    assert torch.allclose(sample.points, points, atol=1e-5)
    one, two = (
        load(tmp_path / name / 'epoch_1.pth')['label_free']['neighbors']
        for name in ('one', 'two')
    )
    assert one.shape == two.shape == (120, 3)
    assert torch.equal(one, two)


# --- few images -------------------------------------------------------------------


@pytest.mark.parametrize(('images', 'neighbors'), [(1, 0), (2, 3)])
def test_data_of_few_images_is_scored_with_a_warning(tmp_path, images, neighbors):
    write_camvid(tmp_path / 'data', num_train=images)
    hooks = scored(dict(HOOK, points_per_image=3, num_neighbors=10))
    options = dict(default_hooks=hooks, log_level='WARNING')
    run(make_config(tmp_path / 'data', tmp_path / 'few', **options))
    state = load(tmp_path / 'few' / 'epoch_1.pth')['label_free']
    assert state['neighbors'].shape == (3 * images, neighbors)
    (row,) = logged(tmp_path / 'few')
    assert ('label_free/neighbor_agreement' in row) == (neighbors > 0)
    (log,) = (tmp_path / 'few').glob('*/*.log')
    message = f'num_neighbors is 10, but the sample has only {neighbors} points'
    assert message in log.read_text()


# --- bad input --------------------------------------------------------------------


@pytest.mark.parametrize(
    'option',
    [
        *(dict(num_images=1), dict(points_per_image=0)),
        *(dict(num_neighbors=0), dict(batch_size=0)),
    ],
)
def test_number_out_of_range_is_refused(config, option):
    with pytest.raises(ValueError, match=next(iter(option))):
        Runner.from_cfg(config(default_hooks=scored(dict(HOOK, **option))))


def test_sample_of_fewer_images_than_processes_is_refused(config, monkeypatch):
    runner = Runner.from_cfg(config(default_hooks=scored()))
    module = 'mmseg_picie.engine.hooks.label_free_scores_hook.get_world_size'
    monkeypatch.setattr(module, lambda: 5)
    with pytest.raises(ValueError, match='num_images is 4, with 5 processes: raise it'):
        runner.train()


def test_run_without_a_refit_is_refused(config):
    with pytest.raises(InputError, match='add .*RefitHook'):
        run(config(default_hooks=scored(refit=None)))


def test_resume_from_a_checkpoint_without_the_scores_is_refused(config):
    run(config())
    with pytest.raises(ValueError, match='written without this hook'):
        run(config(rounds=2, default_hooks=scored(), resume=True))


def test_resume_with_another_sample_is_refused(config):
    run(config(default_hooks=scored()))
    other = dict(HOOK, points_per_image=20)
    with pytest.raises(ValueError, match='30.*the config says .*20'):
        run(config(rounds=2, default_hooks=scored(other), resume=True))
