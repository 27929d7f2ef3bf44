"""`tools/benchmark.py gpu`: a small run on the CPU; how it keeps what it measured."""

import copy
import itertools
import json
import sys
from argparse import Namespace
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

TOOLS = Path(__file__).resolve().parents[1] / 'tools'
sys.path.append(str(TOOLS))

import benchmark  # noqa: E402
from benchmarks import internals, measure, parts  # noqa: E402
from benchmarks.gpu import command, device, equality, report, speed  # noqa: E402
from benchmarks.gpu.round import scaled  # noqa: E402
from benchmarks.gpu.workload import COCO_IMAGES, Way, built  # noqa: E402

SMALL = Namespace(
    images=4,
    size=32,
    batch=2,
    cluster_batch=2,
    workers=1,
    compile=True,
    warm_up=1,
    repeats=2,
    data_root=None,
)


# --- a small run ------------------------------------------------------------------


@pytest.mark.slow
def test_small_run_measures_every_stage(tmp_path, monkeypatch, capsys):
    sizes = '--images 4 --size 32 --batch 2 --cluster-batch 2 --workers 1'
    runs = '--warm-up 1 --repeats 2'
    only = [': float32, channels_last', ': 1 workers', '--no-compile']
    monkeypatch.setattr(
        sys,
        'argv',
        [
            *('benchmark.py', 'gpu', *sizes.split(), *runs.split()),
            *('--only', *only, '--out', str(tmp_path)),
        ],
    )
    assert benchmark.main() == 0
    written = json.loads((tmp_path / 'gpu.json').read_text())
    assert written['finished'] and written['settings']['options']['images'] == 4
    rows = {(row['stage'], row['variant']): row for row in written['rows']}
    assert {stage for stage, _ in rows} == set(command.NOTES)
    assert {row['status'] for row in rows.values()} == {'measured'}
    whole = rows[command.ROUND, 'float32, channels_last']
    assert whole['values']['measured s (4 images)'] > whole['values']['train s'] > 0
    assert sum(whole['shares'].values()) == pytest.approx(100)
    assert whole['shares']['backward'] > 0 and whole['shares']['k-means'] > 0
    assert rows[command.EQUALITY, 'float32, channels_last']['values']['equal'] == 'yes'
    assert rows[command.STEP, 'float32, channels_last']['values']['images/s'] > 0
    assert rows[command.LOADER, '1 workers']['values']['images'] == 4
    table = (tmp_path / 'gpu.md').read_text()
    assert 'scaled to 49,629 images' in table and table in capsys.readouterr().out


def test_equality_comes_first_and_every_way_of_a_step_is_there():
    listed = [(stage, text) for stage, text, _ in command.measurements(SMALL)]
    stages = list(dict.fromkeys(stage for stage, _ in listed))
    assert stages[:3] == [command.EQUALITY, command.ROUND, command.STEP]
    steps = {text for stage, text in listed if stage == command.STEP}
    assert len(steps) == 12  # 3 precisions, 2 layouts, compiled or not
    assert len(set(listed)) == len(listed)


# --- the report -------------------------------------------------------------------


def make_report(folder, budget=100.0):
    return report.Report(folder, dict(device='none'), budget, dict(a='A note.'))


def test_files_hold_what_was_measured_before_a_cut(tmp_path):
    made = make_report(tmp_path)
    made.measure('a', 'first', lambda: dict(rate=2.0))

    def cut():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.measure('a', 'second', cut)
    written = json.loads((tmp_path / 'gpu.json').read_text())
    assert [row['variant'] for row in written['rows']] == ['first']
    assert not written['finished']
    text = (tmp_path / 'gpu.md').read_text()
    assert '| first | 2 |' in text and 'Not finished' in text
    assert {path.name for path in tmp_path.iterdir()} == {'gpu.json', 'gpu.md'}


def test_failure_is_a_row_with_its_reason_and_the_rest_goes_on(tmp_path):
    made = make_report(tmp_path)

    def fail():
        raise RuntimeError('no compiler\nand more')

    made.measure('a', 'broken', fail)
    made.measure('a', 'whole', lambda: dict(rate=1.0))
    assert [row.status for row in made.rows] == ['failed', 'measured']
    assert '| broken | failed: RuntimeError: no compiler |' in made.markdown(True)
    assert 'in fail' in made.rows[0].details


def test_what_does_not_fit_into_the_budget_is_skipped(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(report.time, 'monotonic', lambda: now[0])
    made = make_report(tmp_path, budget=100)

    def slow():
        now[0] += 60
        return {}

    made.measure('a', 'first', slow)
    made.measure('a', 'too long for the 40 s left', slow)
    made.measure('b', 'of another stage', slow)
    made.measure('c', 'after the end', slow)
    assert [r.status for r in made.rows] == ['measured', 'skipped'] * 2
    assert '40 s of the budget of 100 s are left' in made.rows[1].reason
    assert 'used up' in made.rows[3].reason


# --- what is measured -------------------------------------------------------------


def test_fixed_seconds_of_a_round_are_not_scaled():
    assert scaled(30.0, 10.0, COCO_IMAGES) == 30
    assert scaled(30.0, 10.0, COCO_IMAGES // 3) == pytest.approx(70)


def test_init_of_kmeans_gets_its_share_of_the_images():
    cfg = Config(dict(default_hooks=dict(kmeans=dict(type='KMeansLabelHook'))))
    internals.scale_init(cfg, 0.1)
    assert cfg.default_hooks.kmeans.init_images == 512


@pytest.fixture(scope='module')
def model_and_batch():
    with built(SMALL, Way('float32'), workers=0) as runner:
        return runner.model, internals.next_batch(runner)


def test_a_model_equals_its_copy(model_and_batch):
    model, batch = model_and_batch
    assert equality.is_equal(equality.differences(model, copy.deepcopy(model), batch))


def test_a_model_of_other_weights_is_not_equal(model_and_batch):
    model, batch = model_and_batch
    other = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in other.neck.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    values = equality.differences(other, model, batch)
    assert values['centroids differ by'] > equality.MOST_CENTROIDS
    assert values['equal labels %'] < equality.LEAST_LABELS
    assert not equality.is_equal(values)


@pytest.mark.parametrize(
    'name, value',
    [
        ('centroids differ by', 2e-4),
        ('loss differs by (relative)', 2e-3),
        ('equal labels %', 99.8),
        ('loss differs by (relative)', float('nan')),
    ],
)
def test_each_bound_counts(name, value):
    equal = {
        'centroids differ by': 0.0,
        'loss differs by (relative)': 0.0,
        'equal labels %': 100.0,
    }
    assert equality.is_equal(equal) and not equality.is_equal({**equal, name: value})


def test_rate_is_that_of_the_median_run_after_the_warm_up(monkeypatch):
    moments = iter([0.0, 7.0, 10.0, 12.0, 13.0, 23.0])
    monkeypatch.setattr(speed, 'mark', lambda: next(moments))
    runs = []
    args = Namespace(warm_up=2, repeats=3)
    values = speed.measure_runs(lambda: runs.append(1), args, units=8)
    assert (values['first run s'], values['images/s'], len(runs)) == (7, 4, 5)


class Work:
    """A part with another one in it."""

    def outer(self):
        self.inner()

    def inner(self):
        pass


def test_a_part_inside_another_counts_for_itself(monkeypatch):
    work, moments = Work(), itertools.count()
    monkeypatch.setattr(parts, 'mark', lambda: float(next(moments)))
    methods = [('loss', work, 'outer'), ('cluster forward', work, 'inner')]
    clocked = parts.Parts(methods)
    clocked.run(lambda: work.outer())
    # Marks: whole 0 to 5, outer 1 to 4, inner 2 to 3.
    taken = {name: seconds for name, seconds in clocked.seconds.items() if seconds}
    assert taken == {'loss': 2, 'label forward': 1} and clocked.total == 5
    assert clocked.shares()['rest'] == pytest.approx(40)
    work.outer()
    assert next(moments) == 6  # the methods are as they were


# --- the GPU, which is not here ---------------------------------------------------


class Event:
    """A CUDA event; moments are 500 ms apart."""

    moments = itertools.count(step=500)

    def __init__(self, enable_timing):
        assert enable_timing
        self.recorded = self.finished = None

    def record(self):
        self.recorded = next(self.moments)

    def synchronize(self):
        self.finished = True

    def elapsed_time(self, end):
        assert end.finished
        return end.recorded - self.recorded


def test_events_time_in_seconds_and_are_waited_for(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(torch.cuda, 'Event', Event)
    start, _, end = measure.mark(), measure.mark(), measure.mark()
    assert measure.seconds_between(start, end) == 1.0


def test_utilization_is_the_mean_of_what_is_read(monkeypatch):
    readings = iter([20, 40, 60])
    monkeypatch.setattr(device, 'SECONDS', 0.001)
    monkeypatch.setattr(device, '_reader', lambda: ('a test', lambda: next(readings)))
    with device.Utilization() as utilization:
        utilization.thread.join(timeout=10)  # ends with the readings
    assert (utilization.source, utilization.mean) == ('a test', 40)


def test_nvidia_smi_is_read_where_nvml_is_missing(monkeypatch):
    def missing():
        raise ModuleNotFoundError('pynvml')

    def answer(command, **options):
        assert command[0] == 'nvidia-smi' and options['timeout']
        return Namespace(stdout='87\n')

    monkeypatch.setattr(device, 'on_gpu', lambda: True)
    monkeypatch.setattr(torch.cuda, 'utilization', missing)
    monkeypatch.setattr(device.subprocess, 'run', answer)
    source, read = device._reader()
    assert (source, read()) == ('nvidia-smi', 87)


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU to read')
def test_utilization_says_that_there_is_no_gpu():
    with device.Utilization() as utilization:
        pass
    assert (utilization.source, utilization.mean) == ('nothing: no GPU', 'none')
