"""The demo on a handful of scenes."""

import json
import runpy
import sys
from pathlib import Path

import cv2
import pytest

from mmseg_picie.datasets.scenes.palette import SCENE_CLASSES

DEMO = Path(__file__).resolve().parents[1] / 'tools' / 'demo.py'


def run_demo(monkeypatch, work_dir, *arguments):
    argv = [str(DEMO), '--work-dir', str(work_dir), *arguments]
    monkeypatch.setattr(sys, 'argv', argv)
    runpy.run_path(str(DEMO), run_name='__main__')


def test_demo_trains_prints_a_table_and_stores_figures(
    tmp_path, monkeypatch, capfd, recwarn
):
    work_dir = tmp_path / 'demo'
    work_dir.mkdir()
    (work_dir / 'result.json').write_text('{"mIoU": 99}')  # of an earlier run
    run_demo(monkeypatch, work_dir, '--train', '8', '--val', '4', '--rounds', '1')
    result = json.loads((work_dir / 'result.json').read_text())
    assert set(result) == {
        *('aAcc', 'mIoU', 'untrained_aAcc', 'untrained_mIoU', 'rgb_aAcc', 'rgb_mIoU'),
        'seconds',
    }
    for prefix, name in (('', 'picie'), ('untrained_', 'untrained'), ('rgb_', 'rgb')):
        stored = json.loads((work_dir / name / 'matching.json').read_text())
        assert result[f'{prefix}mIoU'] == stored['metrics']['mIoU']
        assert stored['centroids'].endswith(f'after {int(name == "picie")} round(s)')
    assert not [w for w in recwarn if 'get_instance' in str(w.message)]
    printed = capfd.readouterr().out
    for word in (*SCENE_CLASSES, 'mean IoU', 'pixel accuracy', 'scenes.png'):
        assert word in printed
    # Four scenes of 192 x 256 in four columns, with gaps.
    height, width = cv2.imread(str(work_dir / 'scenes.png')).shape[:2]
    assert (height, width) == (4 * (192 + 4), 4 * (256 + 4))


def test_failed_demo_leaves_no_old_result(tmp_path, monkeypatch):
    work_dir = tmp_path / 'demo'
    work_dir.mkdir()
    (work_dir / 'result.json').write_text('{"mIoU": 99}')
    (work_dir / 'scenes').write_text('a file where a folder should be')
    with pytest.raises(OSError):
        run_demo(monkeypatch, work_dir)
    assert not (work_dir / 'result.json').exists()
