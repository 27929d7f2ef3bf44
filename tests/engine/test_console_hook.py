"""What a person reads of a training."""

import json
import re
from types import SimpleNamespace

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_run import run
from tiny_config import CONFIG, write_data

from mmseg_picie.engine import RoundReportHook, find_hook
from mmseg_picie.engine.hooks import console_hook

CONSOLE = dict(console=dict(type='ConsoleHook'))


@pytest.fixture
def lines(config, capsys):
    """Runs a config; the lines on its console, and the runner."""

    def collect(**overrides):
        hooks = {**CONSOLE, **overrides.pop('default_hooks', {})}
        runner = run(config(log_level='INFO', default_hooks=hooks, **overrides))
        # What was logged before the training began is the affair of the runner.
        begin = f'7 images in {runner.train_dataloader.dataset.data_root}'
        out = capsys.readouterr().out
        return out[out.index(begin) if begin in out else 0 :].splitlines(), runner

    return collect


def log_of(runner):
    """Text of a run's log file."""
    with open(f'{runner.log_dir}/{runner.timestamp}.log') as file:
        return file.read()


def test_lines_of_two_rounds(lines, camvid_root, tmp_path):
    scores = dict(type='LabelFreeScoresHook', num_images=4, points_per_image=20)
    found, runner = lines(rounds=2, default_hooks=dict(label_free=scores))
    plan, rounds, results, first, second, done = found
    assert plan == f'7 images in {camvid_root}, seen at 64 px; 4 clusters'
    assert rounds == '2 rounds of 3 steps; how long is known after the first'
    assert results.startswith(f'results go to {tmp_path / "run"}, the log to ')
    number = r'\d+(\.\d+)?'
    figures = (
        rf'loss (?P<loss>{number}), views agree (?P<agreement>-?{number}) %, '
        rf'largest cluster (?P<share>{number}) %, mIoU (?P<mIoU>{number})'
    )
    first = re.fullmatch(rf'round 1 of 2 \(\d+ s\): \d+ s left, {figures}', first)
    second = re.fullmatch(rf'round 2 of 2 \(\d+ s\): {figures}', second)
    assert first and second
    assert re.fullmatch(r'done in \d+ s', done)
    sizes = runner.model.decode_head.eval_cluster_size
    share = 100 * float(sizes.max() / sizes.sum())
    assert float(second['share']) == pytest.approx(share, abs=0.06)
    logged = [
        json.loads(line)
        for file in (tmp_path / 'run').glob('*/vis_data/scalars.json')
        for line in file.read_text().splitlines()
    ]
    validations = [entry for entry in logged if 'mIoU' in entry]
    for row, entry in zip((first, second), validations, strict=True):
        assert float(row['mIoU']) == pytest.approx(entry['mIoU'], abs=0.06)
        agreement = entry['label_free/view_agreement']
        assert float(row['agreement']) == pytest.approx(agreement, abs=0.51)


def test_the_log_file_has_everything(lines):
    found, runner = lines(rounds=1)
    text = log_of(runner)
    for line in (*found, 'Config:', 'Round 1/1 | view1: inertia', 'Saving checkpoint'):
        assert line in text
    assert not [line for line in found if 'INFO' in line]


def test_loss_of_a_line_is_the_mean_of_its_round(lines, monkeypatch):
    class Keeper(Hook):
        values = []

        def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
            self.values.append(float(outputs['loss']))

    monkeypatch.setattr(Runner, 'train', _with_hook(Runner.train, Keeper()))
    found, _ = lines(rounds=2)
    shown = [float(re.search(r'loss ([\d.]+)', line)[1]) for line in found[3:5]]
    for value, own in zip(shown, (Keeper.values[:3], Keeper.values[3:]), strict=True):
        assert value == pytest.approx(sum(own) / 3, rel=6e-3)


def _with_hook(train, *hooks):
    def with_hook(self):
        for hook in hooks:
            self.register_hook(hook)
        return train(self)

    return with_hook


# --- time left --------------------------------------------------------------------


class Ticks(Hook):
    """Stages of a round by a clock that only this hook moves."""

    priority = 'LOWEST'

    def __init__(self, stages):
        self.now, self.stages = 0.0, stages

    def monotonic(self):
        return self.now

    def before_train(self, runner):
        self.now += self.stages['set-up']
        report = find_hook(runner, RoundReportHook).report
        line = report.line

        def with_initial(*numbers):
            text = line(*numbers)
            once = self.stages.get('initial', 0) if numbers[0] == 1 else 0
            report.finished = dict(initial=once)
            self.now += once
            return text

        report.line = with_initial

    def before_train_epoch(self, runner):
        self.now += self.stages['cluster']

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.now += self.stages['step']

    def after_train_epoch(self, runner):
        self.now += self.stages['refit']

    def after_val_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.now += self.stages['image']


STAGES = dict(cluster=40.0, step=10.0, refit=30.0, image=20.0)


@pytest.fixture
def timed(lines, monkeypatch):
    """Runs with a clock of its own: lines of the rounds up to the first figure."""

    def collect(stages, **overrides):
        ticks = Ticks(dict(STAGES, **stages))
        monkeypatch.setattr(console_hook, 'time', ticks)
        monkeypatch.setattr(Runner, 'train', _with_hook(Runner.train, ticks))
        found, _ = lines(**overrides)
        return [re.split(r', (?=loss)| loss', line)[0] for line in found]

    return collect


def test_time_left_counts_all_parts_of_a_round(timed):
    # 40 + 3 x 10 + 30 = 100 s, 3 x 20 = 60 s of validation after rounds 2 and 3.
    train_cfg = dict(val_interval=2)
    found = timed({'set-up': 1000.0}, rounds=3, train_cfg=train_cfg)
    assert found[3:] == [
        'round 1 of 3 (1.7 min): 3.3 min and a validation left',
        'round 2 of 3 (2.7 min): 2.7 min left',
        'round 3 of 3 (2.7 min):',
        'done in 23.7 min',
    ]


def test_the_first_clustering_of_all_comes_once(timed):
    stages = {'set-up': 0.0, 'initial': 500.0}
    found = timed(stages, rounds=2, train_cfg=dict(val_interval=2))
    assert found[3] == 'round 1 of 2 (10.0 min): 1.7 min and a validation left'


def test_a_training_by_the_clock_has_what_is_left_of_it(lines, monkeypatch):
    minutes = dict(minutes=dict(type='MinutesHook', minutes=60))
    monkeypatch.setattr('mmseg_picie.engine.MinutesHook.used', lambda self: 1200.0)
    found, _ = lines(rounds=2, default_hooks=minutes)
    assert found[1] == 'rounds of 3 steps for 60.0 min'
    assert re.match(r'round 1 \(\d+ s\): 40.0 min left, loss', found[3])


# --- other runs -------------------------------------------------------------------


def test_clustering_alone_is_one_line(lines):
    found, _ = lines(train_cfg=dict(type='ClusterOnlyLoop'))
    assert found[1] == 'the features are clustered as they are; nothing is trained'
    line = r'clustered in \d+ s: largest cluster [\d.]+ %, mIoU [\d.]+'
    assert re.fullmatch(line, found[3])
    assert len(found) == 5


def test_a_resumed_run_says_what_is_done(lines):
    lines(rounds=1)
    found, _ = lines(rounds=3, resume=True)
    assert found[1].startswith('2 rounds of 3 steps after the 1 that are done')
    assert [line[:12] for line in found[3:5]] == ['round 2 of 3', 'round 3 of 3']


def test_without_validation_a_line_has_no_mIoU(lines):
    none = dict.fromkeys(('val_cfg', 'val_dataloader', 'val_evaluator'))
    found, _ = lines(rounds=2, **none)
    for line in found[3:5]:
        assert re.match(r'round \d of 2 .*largest cluster [\d.]+ %$', line)


def test_a_loss_below_zero_is_explained_once(lines, monkeypatch):
    monkeypatch.setattr(console_hook, 'mean_loss', lambda runner, steps: -0.5)
    loss = dict(type='CorrespondenceLoss', num_points=10)
    found, _ = lines(rounds=2, model=dict(correspondence=loss))
    assert 'loss -0.5' in found[3] and 'loss -0.5' in found[5]
    explained = [line for line in found if 'a loss below 0 is no error' in line]
    assert explained == [found[4]]
    assert 'correspondence loss' in found[4]


def test_no_plan_for_who_has_one(lines):
    found, _ = lines(
        rounds=1, default_hooks=dict(console=dict(type='ConsoleHook', plan=False))
    )
    told = [line for line in found if re.match(r'[a-z0-9]+ [a-z0-9]+ ', line)]
    assert [line[:12] for line in told] == ['round 1 of 1']


def test_none_leaves_the_console_to_mmengine(config, capsys):
    run(config(log_level='INFO', rounds=1))
    out = capsys.readouterr().out
    assert 'Round 1/1 | view1: inertia' in out
    assert 'round 1 of 1' not in out


def test_a_training_by_steps_says_how_validations_went(tmp_path, capsys):
    write_data(tmp_path / 'data')
    text = CONFIG.replace('nowhere/r18.pth', '').replace('data/nowhere', 'data')
    cfg = Config.fromstring(text.replace("'data'", f"'{tmp_path}/data'"), '.py')
    cfg.model.backbone.init_cfg = None
    cfg.work_dir, cfg.experiment_name = str(tmp_path / 'run'), tmp_path.name
    cfg.train_cfg = dict(type='IterBasedTrainLoop', max_iters=4, val_interval=2)
    for key in ('dataloader', 'evaluator'):
        cfg[f'val_{key}'] = cfg[f'test_{key}']
    cfg.val_cfg, cfg.log_level = dict(type='ValLoop'), 'INFO'
    cfg.log_processor = dict(by_epoch=False)
    cfg.default_hooks = dict(CONSOLE, checkpoint=dict(type='CheckpointHook'))
    Runner.from_cfg(cfg).train()
    out = capsys.readouterr().out
    found = out[out.index('8 images in') :].splitlines()
    assert found[1] == '4 steps'
    for line, step in zip(found[3:5], (2, 4), strict=True):
        assert re.fullmatch(rf'step {step} of 4: loss [\d.]+, mIoU [\d.]+', line)
    assert len(found) == 6


def test_bars_count_steps_and_validation(lines, monkeypatch):
    bars = []

    class Bar(SimpleNamespace):
        def __init__(self, title, total, unit, done):
            super().__init__(title=title, total=total, unit=unit, done=done)
            self.open = False
            bars.append(self)

        def start(self):
            assert not any(bar.open for bar in bars)
            self.open = True

        def stop(self):
            self.open = False

        def advance(self, number):
            self.done += number

    monkeypatch.setattr(console_hook, 'PassProgress', Bar)
    lines(rounds=2)
    assert [(bar.title, bar.done, bar.total, bar.unit) for bar in bars] == [
        ('round 1 of 2: training', 3, 3, 'steps'),
        ('validation', 3, 3, 'batches'),
        ('round 2 of 2: training', 3, 3, 'steps'),
        ('validation', 3, 3, 'batches'),
    ]
    assert not any(bar.open for bar in bars)
