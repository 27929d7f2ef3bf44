"""The demo on a handful of scenes: clusters, names, a table, pictures."""

import json
import runpy
import sys
from pathlib import Path

import cv2
import pytest

from mmseg_picie import Segmenter
from mmseg_picie.checkpoints import packaged_file
from mmseg_picie.datasets.scenes import SCENE_CLASSES
from mmseg_picie.errors import InputError

TOOLS = Path(__file__).resolve().parents[1] / 'tools'


@pytest.fixture
def run_demo(monkeypatch):
    def run(*arguments):
        monkeypatch.syspath_prepend(str(TOOLS))
        monkeypatch.setattr(sys, 'argv', ['demo.py', *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(TOOLS / 'demo.py'), run_name='__main__')
        return ended.value.code

    return run


def test_demo_prints_a_table_and_leaves_pictures(run_demo, tmp_path, capfd):
    try:
        packaged_file('efficientnet-lite0')
    except InputError as error:
        pytest.skip(str(error))
    folder = tmp_path / 'demo'
    options = ('--train', 8, '--val', 4, '--minutes', 0)
    assert run_demo('--work-dir', folder, *options) == 0
    result = json.loads((folder / 'result.json').read_text())
    assert set(result) == {
        'colors (RGB)',
        'pretrained features',
        'PiCIE',
        'seconds',
    }
    printed = capfd.readouterr().out
    for row in ('colors (RGB)', 'PiCIE'):
        assert set(result[row]) == {'one_to_one', 'majority'}
        for value in result[row].values():
            assert 0 < value < 100
            assert f'{value:.1f}' in printed
    # Without training the network is that of the pretrained features.
    assert result['PiCIE'] == result['pretrained features']
    assert result['PiCIE']['majority'] > result['colors (RGB)']['majority']
    assert cv2.imread(str(folder / 'scenes.png')).shape[1] == 4 * (256 + 4)
    run = folder / 'clusters_100'
    assert (run / 'clusters' / 'page_1.jpg').is_file()
    # The page begins with the names that the named checkpoint has.
    assert str(run / 'report.html') in printed
    page = (run / 'report.html').read_text()
    classes = Segmenter.load(run / 'named.pth', 'cpu').classes
    assert set(classes[:3]) <= set(SCENE_CLASSES)
    assert all(f'"{name}"' in page for name in classes if name in SCENE_CLASSES)


def test_demo_touches_no_file_of_the_user(run_demo, tmp_path, capsys):
    (tmp_path / 'mine.txt').write_text('years of work')
    assert run_demo('--work-dir', tmp_path) == 2
    assert 'is not an empty folder' in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ['mine.txt']
