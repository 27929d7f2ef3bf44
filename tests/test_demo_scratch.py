"""The demo on a handful of scenes."""

import json
import runpy
import sys
from pathlib import Path

import cv2
import pytest

from mmseg_picie.datasets.scenes.palette import SCENE_CLASSES

DEMO = Path(__file__).resolve().parents[1] / 'tools' / 'demo_scratch.py'


def run_demo(monkeypatch, work_dir, *arguments):
    argv = [str(DEMO), '--work-dir', str(work_dir), *arguments]
    monkeypatch.setattr(sys, 'argv', argv)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(DEMO), run_name='__main__')
    return ended.value.code


@pytest.mark.slow
def test_demo_trains_prints_a_table_and_stores_figures(
    tmp_path, monkeypatch, capfd, recwarn
):
    work_dir = tmp_path / 'demo'
    options = ('--train', '8', '--val', '4', '--rounds', '1')
    assert run_demo(monkeypatch, work_dir, *options) == 0
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
    # Four scenes of 192 x 256 in four columns, with gaps, headings and a legend.
    height, width = cv2.imread(str(work_dir / 'scenes.png')).shape[:2]
    assert 4 * (192 + 4) < height < 4 * (192 + 4) + 130
    assert width == 4 * (256 + 4)


def test_demo_touches_no_file_of_the_user(tmp_path, monkeypatch, capsys):
    work_dir = tmp_path / 'demo'
    (work_dir / 'scenes').mkdir(parents=True)
    (work_dir / 'scenes' / 'mine.txt').write_text('years of work')
    assert run_demo(monkeypatch, work_dir) == 2
    assert 'is not an empty folder' in capsys.readouterr().err
    assert [p.name for p in work_dir.rglob('*')] == ['scenes', 'mine.txt']
    assert (work_dir / 'scenes' / 'mine.txt').read_text() == 'years of work'


def test_demo_takes_a_folder_of_its_own_each_time(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    demo = runpy.run_path(str(DEMO))
    names = []
    for _ in range(3):
        folder = demo['new_folder'](None)
        folder.mkdir(parents=True)
        names.append(str(folder))
    assert names == [
        'work_dirs/demo_scratch',
        'work_dirs/demo_scratch_2',
        'work_dirs/demo_scratch_3',
    ]
