"""What tools/train.py prints and leaves: lines, the log file, a picture."""

import re
from importlib.util import find_spec

import cv2
import pytest
from mmengine.config import Config
from small_run import make_config, write_camvid

from mmseg_picie.cli import config_checks, train
from mmseg_picie.cli.config_edits import enable_tensorboard


@pytest.fixture
def arguments(tmp_path, monkeypatch):
    """Arguments of a training of two rounds on eight images at 32 px."""
    write_camvid(tmp_path / 'data', num_train=8, num_val=2)
    config = make_config(
        tmp_path / 'data',
        tmp_path / 'work',
        rounds=2,
        batch_size=4,
        log_level='INFO',
        default_hooks=dict(console=dict(type='ConsoleHook')),
    )
    config.train_dataloader.dataset.pipeline[1].size = 32
    config.dump(tmp_path / 'small.py')
    monkeypatch.chdir(tmp_path)
    return ['small.py', '--work-dir', 'work']


def test_console_has_lines_and_the_file_the_log(arguments, tmp_path, capsys):
    assert train.main(arguments) == 0
    out, err = capsys.readouterr()
    lines = [line for line in out.splitlines() if 'WARNING' not in line]
    (log,) = (tmp_path / 'work').glob('*/*.log')
    rounds = r' \(\d+ s\): .*loss [\d.]+, largest cluster [\d.]+ %, mIoU [\d.]+'
    expected = [
        rf'8 images in {tmp_path / "data"}, seen at 32 px; 4 clusters',
        '2 rounds of 2 steps; how long is known after the first',
        f'results go to work, the log to {log.relative_to(tmp_path)}',
        f'round 1 of 2{rounds}',
        f'round 2 of 2{rounds}',
        r'done in \d+ s',
        'work:',
        r'  epoch_2\.pth +the network after the last round or step',
        r'  training_images\.png +8 training images beside their clusters',
        'next:',
        '  mmseg-picie predict work/epoch_2.pth IMAGES --out MASKS .*',
        '  mmseg-picie name work/epoch_2.pth --set 3=NAME --set 1,4=OTHER',
        '  python tools/test.py small.py work/epoch_2.pth',
    ]
    assert len(lines) == len(expected)
    for line, pattern in zip(lines, expected, strict=True):
        assert re.fullmatch(pattern, line), line
    text = log.read_text()
    for part in ('Config:', 'System environment:', 'Round 2/2 | view1', *lines):
        assert part in text
    assert err == ''  # no bar where there is no terminal
    picture = cv2.imread(str(tmp_path / 'work' / 'training_images.png'))
    assert picture is not None and len(cv2.split(picture)) == 3


def test_verbose_brings_the_log_back(arguments, capsys):
    options = ['--cfg-options', 'train_cfg.max_epochs=1']
    assert train.main([*arguments, '--verbose', *options]) == 0
    out = capsys.readouterr().out
    for part in ('System environment:', 'Config:', 'INFO - Round 1/1 | view1'):
        assert part in out
    assert 'round 1 of 1' not in out


def test_tensorboard_without_its_package_is_one_line(arguments, capsys, monkeypatch):
    def no_tensorboard(name, *rest):
        return None if name == 'tensorboard' else find_spec(name, *rest)

    monkeypatch.setattr(config_checks, 'find_spec', no_tensorboard)
    assert train.main([*arguments, '--tensorboard']) == 2
    err = capsys.readouterr().err
    assert err.startswith('error: TensorBoard') and len(err.splitlines()) == 1
    assert 'pip install tensorboard' in err


def test_tensorboard_joins_the_backends_once(arguments):
    cfg = Config.fromfile('small.py')
    for _ in range(2):
        enable_tensorboard(cfg)
    kinds = [backend.type for backend in cfg.visualizer.vis_backends]
    assert kinds == ['LocalVisBackend', 'TensorboardVisBackend']
