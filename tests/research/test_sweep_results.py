"""What a sweep keeps of a run, and its table."""

import csv
import json
import multiprocessing
from collections import Counter

from sweep_results import (
    SweepRow,
    append_result,
    describe_run,
    markdown_table,
    read_results,
    read_rounds,
    spread,
)

# Of a run: the figures of its only round.
ROUNDS = [dict(step=1, aAcc=50.0, mIoU=20.0)]


def write_log(work_dir, day, scores, training=()):
    """One log file: scores by round, and training steps of the rounds given."""
    folder = work_dir / f'2026010{day}_000000' / 'vis_data'
    folder.mkdir(parents=True)
    lines = [dict(loss=1.0, epoch=epoch, iter=9, step=9) for epoch in training]
    lines += [dict(mIoU=score, step=step) for step, score in scores.items()]
    text = ''.join(json.dumps(line) + '\n' for line in lines)
    (folder / 'scalars.json').write_text(text)


def scores(work_dir):
    return {entry['step']: entry['mIoU'] for entry in read_rounds(work_dir)}


def test_rounds_of_a_resumed_run_follow_those_before_it(tmp_path):
    write_log(tmp_path, 2, {3: 30, 4: 40})
    write_log(tmp_path, 1, {1: 10, 2: 20})
    assert list(scores(tmp_path).items()) == [(1, 10), (2, 20), (3, 30), (4, 40)]


def test_rounds_that_a_resumed_run_repeats_are_its_own(tmp_path):
    # Resumed after round 2, and not yet where the first run stopped.
    write_log(tmp_path, 1, {1: 10, 2: 20, 3: 30, 4: 40})
    write_log(tmp_path, 2, {3: 33})
    assert scores(tmp_path) == {1: 10, 2: 20, 3: 33}


def test_run_that_starts_anew_drops_what_came_before(tmp_path):
    write_log(tmp_path, 1, {1: 10, 2: 20})
    write_log(tmp_path, 2, {1: 11})
    assert scores(tmp_path) == {1: 11}


def test_run_that_starts_anew_and_validates_later_drops_what_came_before(tmp_path):
    write_log(tmp_path, 1, {1: 10, 2: 20}, training=(1, 2))
    write_log(tmp_path, 2, {5: 50}, training=(1, 2, 3, 4, 5))
    assert scores(tmp_path) == {5: 50}


def test_log_without_lines_drops_nothing(tmp_path):
    write_log(tmp_path, 1, {1: 10})
    write_log(tmp_path, 2, {})
    assert scores(tmp_path) == {1: 10}


def test_rounds_longer_than_the_limit_of_csv_are_read(tmp_path):
    rounds = [{'aAcc': 1.0, 'mIoU': 1.0, 'note': 'x' * 140_000, 'step': 1}]
    append_result(tmp_path / 'a.csv', describe_run(SweepRow('a', 'c.py'), 0, rounds, 1))
    csv.field_size_limit(131_072)
    (line,) = read_results(tmp_path / 'a.csv')
    assert json.loads(line['rounds']) == rounds


def test_best_round_is_the_first_of_highest_miou():
    rounds = [
        dict(aAcc=accuracy, mIoU=miou, step=step)
        for step, (accuracy, miou) in enumerate([(9, 2), (5, 3), (6, 3), (8, 1)], 1)
    ]
    line = describe_run(SweepRow('a', 'c.py'), 0, rounds, 61.4)
    assert (line['best_round'], line['best_aAcc']) == ('2', '5.0000')
    assert (line['aAcc'], line['NMI'], line['seconds']) == ('8.0000', '', '61')


def test_label_free_scores_are_kept_with_their_round(tmp_path):
    rounds = [{'aAcc': 1.0, 'mIoU': 1.0, 'label_free/silhouette': 0.25, 'step': 1}]
    line = describe_run(SweepRow('a', 'c.py', {'x': [1, 2]}), 0, rounds, 1)
    append_result(tmp_path / 'results.csv', line)
    (read,) = read_results(tmp_path / 'results.csv')
    assert json.loads(read['rounds']) == rounds
    assert json.loads(read['options']) == {'x': [1, 2]}


def test_spread_is_mean_and_sample_deviation():
    # Deviations -2, 0, 2: variance 8 / 2.
    assert spread([3.0, 5.0, 7.0]) == '5.0 ± 2.0 (3.0, 5.0, 7.0)'
    assert spread([4.26]) == '4.3'
    assert spread([]) == ''


def test_rows_of_equal_options_and_other_configs_stay_apart():
    rows = [SweepRow('a', 'a.py'), SweepRow('b', 'b.py')]
    lines = [
        describe_run(row, 0, [dict(aAcc=score, mIoU=score, step=1)], 1)
        for row, score in zip(rows, (1, 2), strict=True)
    ]
    table = markdown_table(rows, lines).splitlines()
    assert table[2:4] == ['| a | 0 | 1.0 | 1.0 | 1.0 | 1.0 |'] + [
        '| b | 0 | 2.0 | 2.0 | 2.0 | 2.0 |'
    ]


def add_lines(path, row, count):
    for seed in range(count):
        append_result(path, describe_run(SweepRow(row, 'c.py'), seed, ROUNDS, 1.0, ''))


def test_two_sweeps_into_one_file_lose_no_line(tmp_path):
    path, context = tmp_path / 'results.csv', multiprocessing.get_context('fork')
    sweeps = [
        context.Process(target=add_lines, args=(path, name, 20)) for name in ('a', 'b')
    ]
    for sweep in sweeps:
        sweep.start()
    for sweep in sweeps:
        sweep.join()
    found = Counter(line['name'] for line in read_results(path))
    assert found == dict(a=20, b=20)
