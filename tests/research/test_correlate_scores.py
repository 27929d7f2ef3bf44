"""Label-free scores against a labeled one, over runs."""

import json

import numpy as np
import pytest
from correlate_scores import Run, compare, correlate_scores, read_runs
from scipy.stats import spearmanr
from sweep_results import SweepRow, append_result, describe_run


def make_run(name, silhouettes, targets):
    return Run(
        name,
        [
            {'label_free/silhouette': s, 'mIoU': t, 'aAcc': 50.0, 'step': i}
            for i, (s, t) in enumerate(zip(silhouettes, targets, strict=True), 1)
        ],
    )


RUNS = [
    make_run('a', [1, 5, 3, 4], [10, 14, 11, 13]),
    make_run('b', [9, 8, 7, 7.5], [30, 20, 28, 26]),
    make_run('c', [2, 2, 2, 2], [5, 6, 7, 8]),
]


def test_pooled_correlation_equals_scipy():
    (compared,) = compare(RUNS, 'mIoU')
    pairs = [
        pair for run in RUNS for pair in run.pairs('label_free/silhouette', 'mIoU')
    ]
    rho, n = compared.pooled
    assert n == 12
    assert rho == pytest.approx(spearmanr(*np.transpose(pairs)).statistic)


def test_within_correlation_is_the_mean_over_runs_that_change():
    (compared,) = compare(RUNS, 'mIoU')
    rho, n = compared.within
    # Ranks of a agree; in b, 4 3 1 2 against 4 1 3 2: 1 - 6 * 8 / 60.
    assert n == 2
    assert rho == pytest.approx((1 + 0.2) / 2)


def test_final_rounds_are_compared_across_runs():
    (compared,) = compare(RUNS, 'mIoU')
    assert compared.final == (pytest.approx(1), 3)


def test_selected_rounds_are_those_of_the_highest_score():
    (compared,) = compare(RUNS[:2], 'mIoU')
    # Both by score; best 14 and 30; last 13 and 26.
    assert compared.selected == (22, 22, 19.5, 2)


def test_first_of_equal_scores_is_selected():
    # As CheckpointHook: a later round must be better.
    (compared,) = compare([RUNS[2]], 'mIoU')
    assert compared.selected == (5, 8, 8, 1)


def test_rounds_without_the_score_are_left_out():
    rounds = [dict(figures) for figures in RUNS[0].rounds]
    del rounds[0]['label_free/silhouette']
    rounds[1]['mIoU'] = None
    (compared,) = compare([Run('a', rounds)], 'mIoU')
    assert compared.pooled == (None, 2)  # too few to say


def test_sweep_and_work_directory_are_read(tmp_path, capsys):
    out = tmp_path / 'sweep.csv'
    for seed, run in enumerate(RUNS):
        line = describe_run(SweepRow('row', 'c.py'), seed, run.rounds, 1.0)
        append_result(out, line)
    folder = tmp_path / 'work' / '20260101_000000' / 'vis_data'
    folder.mkdir(parents=True)
    lines = [json.dumps(figures) for figures in RUNS[0].rounds]
    lines.insert(1, json.dumps({'loss': 1.0, 'iter': 4, 'step': 4}))
    (folder / 'scalars.json').write_text('\n'.join(lines))
    assert [run.rounds for run in read_runs(out)] == [run.rounds for run in RUNS]
    (run,) = read_runs(tmp_path / 'work')
    assert run.rounds == RUNS[0].rounds
    assert correlate_scores([str(out), str(tmp_path / 'work')]) == 0
    printed = capsys.readouterr().out
    assert '4 runs, 16 rounds' in printed
    assert 'silhouette' in printed and '(16)' in printed


def test_folder_without_logs_is_named(tmp_path, capsys):
    (tmp_path / 'empty').mkdir()
    assert correlate_scores([str(tmp_path / 'empty')]) == 2
    err = capsys.readouterr().err
    assert 'empty holds no logged validation' in err
    assert 'name the work directory of a run' in err


def test_missing_file_and_missing_scores_are_named(tmp_path, capsys):
    assert correlate_scores([str(tmp_path / 'none.csv')]) == 2
    assert 'none.csv does not exist' in capsys.readouterr().err
    out = tmp_path / 'sweep.csv'
    rounds = [{'mIoU': 1.0, 'aAcc': 2.0, 'step': 1}]
    append_result(out, describe_run(SweepRow('row', 'c.py'), 0, rounds, 1.0))
    assert correlate_scores([str(out)]) == 2
    assert 'LabelFreeScoresHook' in capsys.readouterr().err
