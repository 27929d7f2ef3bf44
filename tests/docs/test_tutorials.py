"""The commands of the tutorials run, one after the other, as a reader types them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from page_blocks import ROOT, blocks

from mmseg_picie.checkpoints import packaged_file
from mmseg_picie.errors import InputError

pytestmark = pytest.mark.slow
TUTORIALS = ROOT / 'docs' / 'tutorials'
# What is made smaller here; the commands are otherwise those of the page.
FEWER_SCENES = {'--train 150 --val 60': '--train 24 --val 4', '--size 128': '--size 64'}
CELLS, TEST_CELLS = 24, 6
DATA = Path(os.environ.get('MMSEG_PICIE_TEST_DATA', '../shared/data')).resolve()


@pytest.fixture
def folder(tmp_path):
    """Where a reader types: tools and configs of the repository are there."""
    try:
        packaged_file('efficientnet-lite0')
    except InputError as error:
        pytest.skip(str(error))
    for name in ('tools', 'configs'):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run_page(name: str, folder: Path, smaller: dict[str, str]) -> str:
    """Runs the bash blocks of a page in one shell; what they print."""
    script = '\n'.join(blocks(TUTORIALS / name, 'bash'))
    for given, instead in smaller.items():
        assert given in script, f'{name} has no {given!r} any more'
        script = script.replace(given, instead)
    # The commands of this interpreter and of this checkout come first.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ['PATH']])
    done = subprocess.run(
        ['bash', '-euo', 'pipefail', '-c', script],
        cwd=folder,
        env={**os.environ, 'PATH': path, 'PYTHONPATH': str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def check_lines(name: str, printed: str, lines: list[str]) -> None:
    """Lines that the page shows, whatever the data, are printed as shown."""
    shown = '\n'.join(blocks(TUTORIALS / name, 'text'))
    for line in lines:
        assert line in shown, f'{name} does not show {line!r}'
        assert line in printed


def test_scenes(folder):
    printed = run_page('scenes.md', folder, FEWER_SCENES)
    check_lines(
        'scenes.md',
        printed,
        [
            'Clustering the pretrained features ...',
            'runs/scenes/some.pth, from runs/scenes/clusters.pth: 5 named classes',
            '  sky: clusters 2, 9, 29, 59, 92',
            'named by the majority of pixels in 5 labeled images',
            'aAcc | mIoU |',
        ],
    )
    assert (folder / 'runs/scenes/clusters/page_1.jpg').is_file()
    assert len(list((folder / 'masks/masks').glob('*.png'))) == 4
    assert (folder / 'masks/coco.json').is_file()


def test_few_labels(folder):
    smaller = {
        **FEWER_SCENES,
        'num_classes=9': 'num_classes=9 train_cfg.max_iters=2 '
        'train_cfg.val_interval=2 train_dataloader.batch_size=2 '
        'train_dataloader.num_workers=0 train_dataloader.persistent_workers=False '
        'val_dataloader.num_workers=0 val_dataloader.persistent_workers=False',
        # This one needs a run of some minutes.
        'mmseg-picie export RUN --to backbone --out exported': 'mmseg-picie export '
        'runs/labeled --to backbone --out exported',
    }
    printed = run_page('few_labels.md', folder, smaller)
    taught = 'runs/labeled/taught.pth: 9 classes from 20 images'
    check_lines('few_labels.md', printed, [taught])
    logs = (folder / 'runs/supervised').rglob('*.log')
    check_lines('few_labels.md', ''.join(map(Path.read_text, logs)), ['|  animal  |'])
    assert (folder / 'exported/backbone.pth').is_file()


def test_cells(folder):
    cells = DATA / 'blood_cells'
    if not cells.is_dir():
        pytest.skip(f'{cells} does not exist: set MMSEG_PICIE_TEST_DATA')
    for split, count in (('train', CELLS), ('test', TEST_CELLS)):
        names = (cells / 'splits' / f'{split}.txt').read_text().split()[:count]
        link(cells / 'img', names, folder / 'cells' / split)
        link(cells / 'ann', names, folder / 'labels' / split)
        if split == 'train':
            link(cells / 'ann', names[:5], folder / 'labels' / 'five')
    printed = run_page('cells.md', folder, {})
    check_lines(
        'cells.md',
        printed,
        [
            'images are about 120 px, so the network sees them at 96 px',
            'runs/cells/named.pth, from runs/cells/clusters.pth: 3 named classes',
            'predicts 3 classes: nucleus, cytoplasm, background',
        ],
    )
    table = (folder / 'masks/masks/classes.csv').read_text()
    assert table in blocks(TUTORIALS / 'cells.md', 'text')
    code = ''.join(blocks(TUTORIALS / 'cells.md', 'python'))
    done = subprocess.run(
        [sys.executable, '-c', code], cwd=folder, capture_output=True, text=True
    )
    assert len(done.stdout.splitlines()) == 5, done.stderr


def link(source: Path, names: list[str], target: Path) -> None:
    """Files of these names, of whatever suffix, in a folder of their own."""
    target.mkdir(parents=True)
    for name in names:
        (file,) = source.glob(f'{name}.*')
        (target / file.name).symlink_to(file)
