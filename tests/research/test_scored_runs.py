"""Runs that are trained and scored, as the methods table has them."""

import json
from pathlib import Path

import pytest
import score_run
import table_runs
from table_runs import SCORE, TRAIN

from mmseg_picie.cli import train


def rows():
    return json.loads(Path('out/table.json').read_text())['rows']


def test_run_is_scored_under_every_protocol(trained, tmp_path):
    out = tmp_path / 'scores.json'
    argv = [str(trained / 'config.py'), str(trained / 'epoch_1.pth'), '--out', str(out)]
    assert score_run.main([*argv, '--bank', '500']) == 0
    content = json.loads(out.read_text())
    figures = content['figures']
    assert list(figures) == list(score_run.PROTOCOLS)
    assert (content['num_images'], content['num_training_images']) == (3, 7)
    # Validation and test images are the same here.
    stored = json.loads((trained / 'matching.json').read_text())['metrics']
    for name in ('aAcc', 'mIoU'):
        assert figures['one_to_one'][name] == pytest.approx(stored[name])
    # Names of other images are no better than those of the scored ones.
    assert figures['majority']['aAcc'] <= stored['aAcc_majority']
    assert figures['per_image']['aAcc'] >= stored['aAcc']
    assert 'of 500 labeled pixels' in figures['knn']['protocol']
    # Gray levels tell the class, and so must the features.
    assert figures['linear_probe']['aAcc'] > 60
    assert 0 < figures['boundary']['boundary_mF'] <= 100


@pytest.mark.slow
def test_real_table_is_interrupted_and_resumed(table, monkeypatch):
    """Two methods, a generated data set, two seeds; in one process, to be quick."""
    mains = {str(TRAIN): train.main, str(SCORE): score_run.main}
    calls = []

    def inside(command, log, title):
        calls.append(title)
        if len(calls) == stop:
            raise KeyboardInterrupt
        command = [str(part) for part in command]
        assert mains[command[1]](command[2:]) == 0, title
        return 60.0

    monkeypatch.setattr(table_runs, 'run_script', inside)
    protocols = ['one_to_one', 'majority_7', 'knn', 'linear_probe', 'per_image']
    arguments = ['--seeds', '0', '1', '--protocols', *protocols, 'boundary']
    stop = 6
    assert table(*arguments)[0] == 130
    stop = None
    assert table(*arguments)[0] == 0
    # Two methods, two seeds, two numbers of clusters, each trained and scored.
    assert len(calls) == 16 + 1
    for row in rows():
        assert not row['failures']
        for seed in '01':
            # Validation and test images are the same here.
            folder = Path('out/runs', row['method'], 'k_classes', f'seed_{seed}')
            stored = json.loads((folder / 'matching.json').read_text())['metrics']
            found = row['figures']['one_to_one']
            assert found['mIoU']['values'][seed] == pytest.approx(stored['mIoU'])
            assert found['aAcc']['values'][seed] == pytest.approx(stored['aAcc'])
            own = row['figures']['per_image']['aAcc']['values'][seed]
            assert own >= stored['aAcc']
            assert 0 < row['figures']['knn']['mIoU']['values'][seed] <= 100
            assert row['figures']['boundary']['boundary_mF']['values'][seed] > 0
    text = Path('out/table.md').read_text()
    assert text.count(' ± ') >= 2 * 6 and 'failed' not in text
