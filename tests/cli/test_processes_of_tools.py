"""The tools as commands, in one process and in two."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_config import CONFIG, write_data

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(tmp_path) -> Path:
    path = tmp_path / 'tiny.py'
    path.write_text(CONFIG)
    return path


@pytest.fixture
def data_root(tmp_path) -> Path:
    write_data(tmp_path / 'data')
    return tmp_path / 'data'


def run_tool(*argv, cwd=None) -> subprocess.CompletedProcess:
    env = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHON': sys.executable}
    env |= {'CUDA_VISIBLE_DEVICES': '', 'PYTHONPATH': str(ROOT)}
    env = {k: v for k, v in env.items() if k not in ('RANK', 'PORT', 'NNODES')}
    return subprocess.run(
        [str(a) for a in argv],
        env=env,
        capture_output=True,
        text=True,
        timeout=200,
        cwd=cwd,
    )


def test_two_processes_train_and_the_checkpoint_tests(config, data_root, tmp_path):
    work_dir = tmp_path / 'work'
    common = ['--data-root', data_root, '--work-dir', work_dir]
    done = run_tool(
        *(ROOT / 'tools' / 'dist_train.sh', config, 2, *common, '--seed', 5),
        *('--cfg-options', 'model.backbone.init_cfg=None'),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    manifest = json.loads((work_dir / 'manifest.json').read_text())
    assert manifest['world_size'] == 2
    assert manifest['seed'] == 5
    assert manifest['datasets']['train']['num_images'] == 8
    assert 'test' not in manifest['datasets']
    checkpoint = work_dir / 'epoch_1.pth'
    assert checkpoint.is_file()

    done = run_tool(
        *(sys.executable, ROOT / 'tools' / 'test.py', config, checkpoint, *common),
        *('--out', tmp_path / 'masks', '--show-dir', tmp_path / 'pictures'),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / 'masks').glob('*.png'))) == 8
    assert len(list((tmp_path / 'pictures').glob('*.png'))) == 8
    output = done.stdout + done.stderr
    for note in ('FileClient', 'prefix is not set', 'draw is False'):
        assert note not in output

    assert len(list(work_dir.glob('*/manifest.json'))) == 1
    assert manifest == json.loads((work_dir / 'manifest.json').read_text())


@pytest.mark.parametrize(
    'checkpoint, words',
    [('none.pth', 'checkpoint none.pth'), ('epoch_1.pth', 'matching no.json')],
)
def test_store_matching_names_a_missing_file_in_one_line(tmp_path, checkpoint, words):
    (tmp_path / 'epoch_1.pth').touch()
    tool = ROOT / 'tools' / 'store_matching.py'
    done = run_tool(sys.executable, tool, checkpoint, 'no.json', 'o.pth', cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f'error: {words} does not exist')
    assert len(done.stderr.splitlines()) == 1
