"""tools/research/sweep.py: what it trains, skips, keeps and prints."""

import csv
import json
from pathlib import Path

import pytest
from mmengine.config import Config
from small_run import make_config
from sweep import option_arguments, sweep
from sweep_results import SweepRow, passed_on_text, read_results

from mmseg_picie.cli import make_train_parser

ROOT = Path(__file__).resolve().parents[2]

# Takes tools/train.py's arguments and logs as mmengine does: score + seed, then less.
TRAINER = """
import argparse, json, pathlib, sys
parser = argparse.ArgumentParser()
parser.add_argument('config')
parser.add_argument('--seed', type=int)
parser.add_argument('--work-dir', type=pathlib.Path)
parser.add_argument('--data-root')
parser.add_argument('--cfg-options', nargs='+', action='extend', default=[])
args = parser.parse_args()
with open(pathlib.Path(args.config).with_name('calls.txt'), 'a') as file:
    print(args.work_dir.name, args.data_root, *args.cfg_options, file=file)
options = dict(text.split('=') for text in args.cfg_options)
if options.get('fail') == str(args.seed):
    sys.exit('out of memory')
folder = args.work_dir / '20260101_000000' / 'vis_data'
folder.mkdir(parents=True)
score = float(options.get('score', 10)) + args.seed
lines = [
    dict(loss=1.0, epoch=1, iter=4, step=4),
    dict(aAcc=score + 20, mIoU=score + 2, NMI=1.0, time=0.1, data_time=0.1, step=1),
    dict(aAcc=score + 30, mIoU=score, NMI=2.0, time=0.1, data_time=0.1, step=2),
]
text = ''.join(json.dumps(line) + chr(10) for line in lines)
(folder / 'scalars.json').write_text(text if options.get('mute') is None else '')
"""

CONFIG = """
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=2, val_interval=1)
val_dataloader = dict(batch_size=1)
val_cfg = dict(type='ValLoop')
val_evaluator = dict(type='HungarianIoUMetric')
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs the tool on rows with the trainer above; its exit code and output."""
    monkeypatch.chdir(tmp_path)
    Path('train.py').write_text(TRAINER)
    Path('config.py').write_text(CONFIG)

    def call(rows, *argv):
        rows = [dict(config='config.py', **row) for row in rows]
        Path('rows.py').write_text(f'rows = {rows!r}\n')
        code = sweep(['rows.py', '--out', 'out/results.csv', *argv], Path('train.py'))
        return code, *capsys.readouterr()

    return call


def calls() -> list[str]:
    return Path('calls.txt').read_text().splitlines()


def results() -> list[dict]:
    with open('out/results.csv', newline='') as file:
        return list(csv.DictReader(file))


# --- running ----------------------------------------------------------------------


def test_every_row_and_seed_becomes_a_line(run):
    rows = [dict(name='a'), dict(name='b', options={'score': 40})]
    code, _, _ = run(rows, '--seeds', '0', '3')
    assert code == 0
    lines = {(line['name'], line['seed']): line for line in results()}
    assert lines.keys() == {('a', '0'), ('a', '3'), ('b', '0'), ('b', '3')}
    line = lines['b', '3']
    assert (line['config'], line['options']) == ('config.py', '{"score": 40}')
    assert (float(line['aAcc']), float(line['mIoU'])) == (73, 43)
    assert (line['best_round'], float(line['NMI'])) == ('1', 2)
    assert (float(line['best_aAcc']), float(line['best_mIoU'])) == (63, 45)
    assert json.loads(line['rounds']) == [
        dict(aAcc=63, mIoU=45, NMI=1, step=1),
        dict(aAcc=73, mIoU=43, NMI=2, step=2),
    ]


def test_finished_runs_are_skipped_and_new_ones_appended(run):
    run([dict(name='a')], '--seeds', '0', '1')
    before = Path('out/results.csv').read_text()
    rows = [dict(name='renamed'), dict(name='b', options={'score': 40})]
    code, out, _ = run(rows, '--seeds', '0', '1')
    assert code == 0
    assert '2 of 4 runs are in out/results.csv' in out
    assert Path('out/results.csv').read_text().startswith(before)
    assert [call.split()[0] for call in calls()] == [
        *('a_seed0', 'a_seed1', 'b_seed0', 'b_seed1')
    ]


def test_failing_run_is_reported_and_the_rest_goes_on(run):
    rows = [dict(name='a', options={'fail': 0}), dict(name='b')]
    code, _, err = run(rows, '--seeds', '0', '1', '--work-dir', 'work')
    assert code == 1
    assert {(line['name'], line['seed']) for line in results()} == {
        *(('a', '1'), ('b', '0'), ('b', '1'))
    }
    assert '1 of 4 runs failed' in err
    assert 'a, seed 0: exit code 1, see work/a_seed0/output.txt: out of memory' in err
    assert 'out of memory' in Path('work/a_seed0/output.txt').read_text()


def test_failed_run_is_tried_again(run):
    rows = [dict(name='a', options={'fail': 0})]
    run(rows, '--seeds', '0')
    run(rows, '--seeds', '0')
    assert len(calls()) == 2


def test_run_without_figures_is_a_failure(run):
    code, _, err = run([dict(name='a', options={'mute': 1})], '--seeds', '0')
    assert code == 1
    assert 'no validation logged aAcc and mIoU' in err
    assert not Path('out/results.csv').exists()


def test_arguments_after_the_dashes_go_to_every_run_before_its_own(run):
    rows = [dict(name='a', options={'score': 40})]
    run(
        *(rows, '--seeds', '2', '--jobs', '2'),
        *('--', '--data-root', 'data', '--cfg-options', 'weights=w.pth', 'score=1'),
    )
    assert calls() == ['a_seed2 data weights=w.pth score=1 score=40']
    assert float(results()[0]['mIoU']) == 42


def test_seed_and_folder_of_a_row_count_before_those_after_the_dashes(run):
    row = dict(name='a', options={'score': 40})
    passed_on = ('--seed', '5', '--work-dir', 'other', '--cfg-options', 'x=1')
    run([row], '--seeds', '2', '3', '--', *passed_on)
    assert calls() == [f'a_seed{seed} None x=1 score=40' for seed in (2, 3)]
    assert [float(line['mIoU']) for line in results()] == [42, 43]


def test_real_arguments_keep_the_options_of_both_sides_the_row_s_last():
    own = option_arguments(SweepRow('x', 'c.py', {'b': 2}), 0)
    argv = ['c.py', '--cfg-options', 'a=1', 'b=1', '--seed', '5', *own]
    assert make_train_parser().parse_args(argv).cfg_options == {'a': 1, 'b': 2}


def test_finished_run_with_other_arguments_after_the_dashes_is_refused(run):
    rows, smoke = [dict(name='a')], ('--cfg-options', 'train_cfg.max_epochs=1')
    run(rows, '--seeds', '0', '--', *smoke)
    code, _, err = run(rows, '--seeds', '0', '1')
    assert code == 2
    assert '["--cfg-options", "train_cfg.max_epochs=1"] after --, now it is []' in err
    assert 'out/results.csv holds a, seed 0' in err and 'another --out' in err
    assert len(calls()) == 1


def test_data_root_and_resume_after_the_dashes_make_no_other_run(run):
    rows, own = [dict(name='a')], ('--cfg-options', 'x=1')
    run(rows, '--seeds', '0', '--', '--data-root', 'here', *own)
    code, out, _ = run(rows, '--seeds', '0', '--', *own, '--data-root=there')
    assert (code, '1 of 1 runs are in' in out) == (0, True)
    assert passed_on_text(['--resume', *own]) == passed_on_text(own)
    assert passed_on_text(['--resume', 'FILE', *own]) != passed_on_text(own)


def test_seed_is_put_into_options(run):
    run([dict(name='a', options={'weights': 'w{seed}.pth'})], '--seeds', '0', '1')
    assert [call.split()[-1] for call in calls()] == [
        'weights=w0.pth',
        'weights=w1.pth',
    ]
    assert {line['options'] for line in results()} == {'{"weights": "w{seed}.pth"}'}


@pytest.mark.parametrize(
    'text, names', [('b', {'ab', 'abc'}), ('ab', {'ab'}), ('bc', {'abc'})]
)
def test_only_selects_rows_by_name(run, text, names):
    options = dict(ab={}, abc={'y': 1}, c={'x': 1})
    rows = [dict(name=name, options=value) for name, value in options.items()]
    code, _, _ = run(rows, '--only', text)
    assert code == 0
    assert {line['name'] for line in results()} == names


@pytest.mark.parametrize(
    'rows, argv, words',
    [
        ([], [], 'rows.py has no rows'),
        ([dict(nam='a')], [], 'a row must be dict(name=..., config=..., options=...)'),
        ([dict(name='a/b')], [], "got 'a/b'"),
        ([dict(name='a'), dict(name='a', options={'x': 1})], [], 'the name a'),
        ([dict(name='a'), dict(name='b')], [], 'two rows have the config and options'),
        ([dict(name='a', options={'x': {'y': 1}})], [], 'cannot say x='),
        ([dict(name='a')], ['--jobs', '0'], '--jobs must be >= 1, got 0'),
        ([dict(name='a')], ['--only', 'z'], "--only 'z' is in the name of no row"),
    ],
)
def test_wrong_input_is_one_line(run, rows, argv, words):
    code, _, err = run(rows, *argv)
    assert code == 2
    assert err.startswith('error: ') and len(err.splitlines()) == 1
    assert words in err
    assert not Path('calls.txt').exists()


@pytest.mark.parametrize('place', ['row', 'dashes'])
def test_sweep_without_labels_is_refused_before_anything_runs(run, place):
    options = {'val_evaluator.type': 'ClusterStatisticsMetric'}
    if place == 'row':
        code, _, err = run([dict(name='a'), dict(name='b', options=options)])
    else:
        pairs = [f'{key}={value}' for key, value in options.items()]
        code, _, err = run([dict(name='b')], '--', '--cfg-options', *pairs)
    assert code == 2
    assert err.startswith('error: row b: val_eval') and len(err.splitlines()) == 1
    assert not Path('calls.txt').exists()


def test_missing_config_is_found_before_anything_runs(run):
    code, _, err = run([dict(name='b')])
    Path('config.py').unlink()
    Path('calls.txt').unlink()
    code, _, err = run([dict(name='a', options={'x': 1})])
    assert code == 2
    assert 'row a: config config.py does not exist' in err
    assert not Path('calls.txt').exists()


def test_other_csv_is_not_overwritten(run):
    Path('out').mkdir()
    Path('out/results.csv').write_text('a,b\n1,2\n')
    code, _, err = run([dict(name='a')])
    assert code == 2
    assert 'out/results.csv is no table of a sweep' in err
    assert Path('out/results.csv').read_text() == 'a,b\n1,2\n'


def test_table_has_every_row_in_order_with_its_seeds(run):
    a, b = dict(name='a'), dict(name='b', options={'score': 40})
    run([b, a], '--seeds', '2', '0')
    code, out, _ = run([a, dict(name='c', options={'x': 1}), b], '--table')
    assert code == 0
    lines = out.splitlines()
    assert lines[2].startswith('| a | 0, 2 | 41.0 ± 1.4 (40.0, 42.0) | 11.0 ± 1.4')
    assert lines[3] == '| c | not run |  |  |  |  |'
    assert lines[4].endswith('| 61.0 ± 1.4 (60.0, 62.0) | 43.0 ± 1.4 (42.0, 44.0) |')
    assert len(calls()) == 4


def test_options_are_written_as_the_command_line_reads_them():
    options = {'a': [1, (2.5, None)], 'b': True, 'c': 'word', 'd': []}
    assert option_arguments(SweepRow('x', 'c.py', options), 0) == [
        *('--cfg-options', 'a=[1,(2.5,None)]', 'b=True', 'c=word', 'd=[]')
    ]


def test_real_training_becomes_a_line(camvid_root, tmp_path):
    config = make_config(camvid_root, tmp_path / 'unused', rounds=1)
    config.default_hooks.manifest = dict(type='ManifestHook')
    config.dump(tmp_path / 'config.py')
    row = dict(
        name='low',
        config=str(tmp_path / 'config.py'),
        options={'model.decode_head.loss.temperature': 0.5},
    )
    (tmp_path / 'rows.py').write_text(f'rows = [{row!r}]\n')
    out, work = tmp_path / 'out.csv', tmp_path / 'work'
    code = sweep(
        [
            *(str(tmp_path / 'rows.py'), '--out', str(out), '--work-dir', str(work)),
            *('--seeds', '3'),
        ]
    )
    assert code == 0
    (line,) = read_results(out)
    assert [entry['step'] for entry in json.loads(line['rounds'])] == [1]
    matching = json.loads((work / 'low_seed3/matching.json').read_text())
    for name in ('aAcc', 'mIoU', 'NMI'):
        assert float(line[name]) == pytest.approx(matching['metrics'][name], abs=1e-3)
    used = Config.fromfile(work / 'low_seed3/config.py')
    assert used.randomness.seed == 3
    assert used.model.decode_head.loss.temperature == 0.5


# --- lists of the package --------------------------------------------------------
