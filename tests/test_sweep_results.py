"""What a sweep keeps of a run, and its table."""

import json

from mmseg_picie.cli.sweep_results import (
    SweepRow,
    append_result,
    describe_run,
    markdown_table,
    read_results,
    read_rounds,
    spread,
)


def test_newest_run_of_a_work_directory_counts(tmp_path):
    for stamp, score in (('20260102_000000', 7), ('20260101_000000', 5)):
        folder = tmp_path / stamp / 'vis_data'
        folder.mkdir(parents=True)
        (folder / 'scalars.json').write_text(json.dumps(dict(mIoU=score, step=1)))
    assert read_rounds(tmp_path) == [dict(mIoU=7, step=1)]


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
