"""The benchmark's command line, and that its stages run on the package as it is."""

import json
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1] / 'tools'
sys.path.append(str(TOOLS))

import benchmark  # noqa: E402
from benchmarks import eval_stage, internals, size_stage, step_stage  # noqa: E402


@pytest.fixture
def command_line(monkeypatch):
    def set_arguments(*arguments):
        monkeypatch.setattr(sys, 'argv', ['benchmark.py', *map(str, arguments)])

    return set_arguments


def run_once(case):
    """Both sides of a case, once each."""
    job = case.prepare()
    for side in filter(None, (job.ours, job.baseline)):
        side()


@pytest.mark.parametrize('stage', benchmark.STAGES)
def test_every_option_has_a_value_in_every_stage(command_line, stage):
    command_line(stage, '--no-memory')
    args = benchmark.parse()
    assert {name.replace('-', '_') for name in benchmark.OPTIONS} <= vars(args).keys()


@pytest.mark.parametrize(
    'arguments, words',
    [
        (['views', '--threads', '2'], 'unrecognized arguments: --threads'),
        (['loss', '--threads', '0'], 'must be >= 1'),
        (['step', '--images', '2', '--data-root', 'x'], 'no --data-root'),
        (['gpu', '--images', '0'], 'must be 1 or more'),
    ],
)
def test_what_a_stage_cannot_use_is_refused(command_line, capsys, arguments, words):
    command_line(*arguments)
    with pytest.raises(SystemExit) as error:
        benchmark.parse()
    assert error.value.code == 2 and words in capsys.readouterr().err


def test_json_has_the_cases_and_the_options(command_line, tmp_path, monkeypatch):
    monkeypatch.setattr(size_stage, 'SIZES', (6,))
    target = tmp_path / 'new' / 'size.json'
    command_line(
        *('size', '--only', 'train', '--no-memory', '--threads', 1, '--json', target)
    )
    assert benchmark.main() == 0
    report = json.loads(target.read_text())
    assert [case['case'] for case in report['cases']] == ['train, 6 images']
    assert report['options'] == dict(precision='float32', threads='1')


@pytest.mark.parametrize('stage', size_stage.STAGES)
def test_each_stage_of_a_round_runs(command_line, monkeypatch, stage):
    monkeypatch.setattr(size_stage, 'SIZES', (6,))
    command_line('size', '--no-memory')
    cases = {case.name: case for case in size_stage.cases(benchmark.parse())}
    run_once(cases[f'{stage}, 6 images'])


@pytest.mark.parametrize('stage', [step_stage, eval_stage])
def test_both_sides_run(command_line, camvid_root, monkeypatch, stage):
    name = stage.__name__.split('.')[1].removesuffix('_stage')
    command_line(name, '--no-memory', '--data-root', camvid_root)
    monkeypatch.setattr(stage, 'make_runner', small(stage.make_runner))
    run_once(stage.cases(benchmark.parse())[-1])


def small(make_runner):
    """The same at 32 px and in this process."""

    def make(args, tune=lambda cfg: None):
        def tune_small(cfg):
            tune(cfg)
            internals.set_view_size(cfg, 32)
            internals.set_workers(cfg, 0)

        return make_runner(args, tune_small)

    return make
