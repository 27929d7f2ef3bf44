"""The command that predicts: what it writes, goes on with, lists and refuses."""

import shutil

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from small_run import load

from mmseg_picie.cli.name import name
from mmseg_picie.cli.predict import predict
from mmseg_picie.errors import InputError, MissingFileError
from mmseg_picie.inference import Segmenter

NAMES = ['0.png', 'deep/0.png', 'deep/er/1.png']


@pytest.fixture
def images(tmp_path):
    """Images in a folder and in folders below it."""
    rng = np.random.default_rng(0)
    for image in NAMES:
        path = tmp_path / 'images' / image
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = rng.integers(0, 255, (5, 7, 3)).astype('u1')
        cv2.imwrite(str(path), cv2.resize(coarse, (56, 40)))
    return tmp_path / 'images'


@pytest.fixture(scope='module')
def checkpoint(trained):
    return trained / 'epoch_1.pth'


def call(checkpoint, images, out, **options):
    """Exit code and what the command says."""
    lines = []
    code = predict(checkpoint, images, out, lines.append, device='cpu', **options)
    return code, lines


def files(folder, pattern='*'):
    found = (path for path in folder.rglob(pattern) if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def test_masks_mirror_the_folders_and_nothing_else_is_written(
    checkpoint, images, tmp_path
):
    before = files(tmp_path)
    code, lines = call(checkpoint, images, tmp_path / 'out')
    assert code == 0
    assert files(tmp_path / 'out') == [
        'masks/0.png',
        'masks/classes.csv',
        'masks/deep/0.png',
        'masks/deep/er/1.png',
        'predict.json',
    ]
    assert [f for f in files(tmp_path) if not f.startswith('out/')] == before
    segmenter = Segmenter(checkpoint, 'cpu')
    for image in NAMES:
        mask = np.array(Image.open(tmp_path / 'out' / 'masks' / image))
        assert np.array_equal(mask, segmenter.predict(images / image))
    assert lines == [
        f'{checkpoint} predicts 4 clusters without names',
        f'3 images of {images} -> png in {tmp_path / "out"}',
        f'{tmp_path / "out"}: 3 images written',
    ]


def test_stopped_call_goes_on_with_what_is_missing(checkpoint, images, tmp_path):
    masks = tmp_path / 'out' / 'masks'
    call(checkpoint, images, tmp_path / 'out')
    expected = {image: (masks / image).read_bytes() for image in NAMES}
    (masks / NAMES[1]).unlink()
    (masks / NAMES[0]).write_bytes(b'left as it is')
    _, lines = call(checkpoint, images, tmp_path / 'out')
    assert lines[-1].endswith('1 images written, 2 were there already')
    assert (masks / NAMES[0]).read_bytes() == b'left as it is'
    assert (masks / NAMES[1]).read_bytes() == expected[NAMES[1]]


def test_format_that_is_added_is_written_for_all(checkpoint, images, tmp_path):
    call(checkpoint, images, tmp_path / 'out')
    _, lines = call(checkpoint, images, tmp_path / 'out', formats='png, npz')
    assert lines[-1].endswith('3 images written')
    assert len(files(tmp_path / 'out', '*.npz')) == 3


def test_unreadable_images_are_all_listed(checkpoint, images, tmp_path, capsys):
    for index in range(7):
        (images / f'broken{index}.jpg').write_bytes(b'no image')
    code, _ = call(checkpoint, images, tmp_path / 'out', batch=2)
    assert code == 1
    lines = capsys.readouterr().err.splitlines()
    start = lines.index('7 images could not be read:') + 1
    assert len(lines) == start + 7
    for index, line in enumerate(lines[start:]):
        assert line.startswith(f'  broken{index}.jpg: ') and 'cannot be decoded' in line
    assert len(files(tmp_path / 'out' / 'masks', '*.png')) == len(NAMES)


def test_hidden_images_are_said_and_links_to_nowhere_are_missed(
    checkpoint, images, tmp_path
):
    shutil.copy(images / '0.png', images / '._0.png')
    code, lines = call(checkpoint, images, tmp_path / 'out')
    assert code == 0
    assert f'{images}/._0.png is left out: it is hidden' in '\n'.join(lines)
    (images / 'gone.png').symlink_to(tmp_path / 'nowhere.png')
    code, lines = call(checkpoint, images, tmp_path / 'out')
    assert code == 1
    assert f'{images}/gone.png is left out' in '\n'.join(lines)


def test_masks_of_two_models_do_not_mix(checkpoint, images, tmp_path):
    call(checkpoint, images, tmp_path / 'out')
    before = {f: (tmp_path / 'out' / f).read_bytes() for f in files(tmp_path / 'out')}
    other = load(checkpoint)
    other['state_dict']['decode_head.eval_centroids'] += 1
    torch.save(other, tmp_path / 'other.pth')
    named = tmp_path / 'named.pth'
    name(checkpoint, None, ['3=nucleus'], (), say=str, out=named)
    for file, words in (('other.pth', 'another model'), ('named.pth', 'other names')):
        with pytest.raises(InputError, match=f'out holds masks of .*{words}'):
            call(tmp_path / file, images, tmp_path / 'out')
    with pytest.raises(InputError, match='other tiles'):
        call(checkpoint, images, tmp_path / 'out', tile=64)
    assert before == {
        f: (tmp_path / 'out' / f).read_bytes() for f in files(tmp_path / 'out')
    }


def test_masks_of_two_folders_do_not_mix(checkpoint, images, tmp_path):
    call(checkpoint, images / '0.png', tmp_path / 'out')
    with pytest.raises(InputError, match='images of another folder'):
        call(checkpoint, images / 'deep' / '0.png', tmp_path / 'out')


def test_one_image_is_named_beside_those_of_its_folder(checkpoint, images, tmp_path):
    code, _ = call(checkpoint, images / '0.png', tmp_path / 'out')
    assert code == 0 and files(tmp_path / 'out', '*.png') == ['masks/0.png']
    shutil.copy(images / '0.png', images / '0.bmp')
    for image in ('0.png', '0.bmp'):
        _, lines = call(checkpoint, images / image, tmp_path / 'other')
        assert lines[-1].endswith('1 images written')
    assert files(tmp_path / 'other', '*.png') == ['masks/0.bmp.png', 'masks/0.png.png']


@pytest.mark.parametrize('out', ['images', 'images/masks', 'images/../images/deep/x'])
def test_masks_among_the_images_are_refused(checkpoint, images, tmp_path, out):
    with pytest.raises(InputError, match='would be among the images'):
        call(checkpoint, images, tmp_path / out)
    assert not files(images, '*.json')


def test_images_among_the_masks_are_refused(checkpoint, images, tmp_path):
    images.rename(tmp_path / 'masks')
    with pytest.raises(InputError, match='would be among the images'):
        call(checkpoint, tmp_path / 'masks', tmp_path)
    # Beside each other is what most people do.
    (tmp_path / 'masks').rename(images)
    assert call(checkpoint, images, tmp_path)[0] == 0


def test_name_that_leads_outside_on_another_system_is_refused(
    checkpoint, images, tmp_path
):
    shutil.copy(images / '0.png', images / 'C:\\0.png')
    with pytest.raises(InputError, match='leads out of the output folder'):
        call(checkpoint, images, tmp_path / 'out')


@pytest.mark.parametrize(
    'options, words',
    [
        (dict(formats='png,gif'), "--format must be .*npz, .*'png,gif'"),
        (dict(formats=''), '--format must be'),
        (dict(tile=10), '--tile must be >= 64, got 10'),
        (dict(batch=0), '--batch must be >= 1, got 0'),
    ],
)
def test_option_that_cannot_be_used_is_refused(
    checkpoint, images, tmp_path, options, words
):
    with pytest.raises(InputError, match=words):
        call(checkpoint, images, tmp_path / 'out', **options)
    assert not (tmp_path / 'out').exists()


def test_what_does_not_exist_or_is_empty_is_named(checkpoint, images, tmp_path):
    with pytest.raises(MissingFileError, match='gone'):
        call(checkpoint, tmp_path / 'gone', tmp_path / 'out')
    with pytest.raises(MissingFileError, match='gone.pth'):
        call(tmp_path / 'gone.pth', images, tmp_path / 'out')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(InputError, match='holds no image'):
        call(checkpoint, tmp_path / 'empty', tmp_path / 'out')
    (tmp_path / 'file').write_text('mine')
    with pytest.raises(InputError, match='is a file'):
        call(checkpoint, images, tmp_path / 'file')


def test_tiles_are_seen_as_images_of_their_own(checkpoint, images, tmp_path):
    large = np.random.default_rng(1).integers(0, 255, (64, 100, 3)).astype('u1')
    cv2.imwrite(str(tmp_path / 'large.png'), large)
    call(checkpoint, tmp_path / 'large.png', tmp_path / 'out', tile=64)
    mask = np.array(Image.open(tmp_path / 'out' / 'masks' / 'large.png'))
    segmenter = Segmenter(checkpoint, 'cpu')
    left, right = (
        segmenter.predict(np.ascontiguousarray(part[..., ::-1]))
        for part in (large[:, :64], large[:, 36:])
    )
    # Both see columns 36 to 64; each gives its half.
    assert np.array_equal(mask[:, :50], left[:, :50])
    assert np.array_equal(mask[:, 50:], right[:, 14:])


def test_folder_of_a_run_means_its_names(checkpoint, images, tmp_path):
    run = tmp_path / 'run'
    run.mkdir()
    torch.save(load(checkpoint), run / 'clusters.pth')
    assert call(run, images, tmp_path / 'a')[1][0].startswith(f'{run}/clusters.pth')
    name(run, None, ['3=nucleus', '1=wall'], ['rest'], say=str)
    line = call(run, images, tmp_path / 'b')[1][0]
    assert line == f'{run}/named.pth predicts 2 classes: nucleus, wall'
    shutil.copy(run / 'named.pth', run / 'taught.pth')
    with pytest.raises(InputError, match='named.pth and taught.pth'):
        call(run, images, tmp_path / 'c')
