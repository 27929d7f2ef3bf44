"""tools/retrieve.py on a finished run of small images."""

import shutil

import cv2
import numpy as np
import pytest
import torch.nn.functional as F
from mmengine.config import Config

from mmseg_picie.cli import retrieve as command
from mmseg_picie.inference.embedding_network import EmbeddingNetwork
from mmseg_picie.inference.retrieval_images import RetrievalImages
from mmseg_picie.models.points import to_points

PIXEL = ('--pixel', '20', '30')


def retrieve(trained, out, *arguments, config=None):
    argv = [str(config or trained / 'config.py'), str(trained / 'epoch_1.pth')]
    return command.main([*argv, '--out', str(out), '--batch-size', '2', *arguments])


def printed(capsys):
    """(similarity, name, x, y) of each printed neighbor."""
    rows = []
    for line in capsys.readouterr().out.splitlines():
        words = line.split()
        if 'pixel' in words:
            rows.append((float(words[0]), words[1], int(words[3]), int(words[4])))
    return rows


def assert_error(capsys, code, *words):
    err = capsys.readouterr().err
    assert code == 2
    assert err.startswith('error: ')
    for word in words:
        assert word in err


@pytest.fixture
def images(trained):
    cfg = Config.fromfile(trained / 'config.py')
    return RetrievalImages(
        EmbeddingNetwork(cfg, str(trained / 'epoch_1.pth')), cfg, 'train'
    )


def test_neighbors_are_the_best_cells_of_the_other_images(
    trained, tmp_path, capsys, images
):
    out = tmp_path / 'new' / 'nearest.png'
    assert retrieve(trained, out, '--image', 'train_03', *PIXEL, '--top', '4') == 0
    found = printed(capsys)
    assert cv2.imread(str(out)) is not None

    query = images.see(images.find('train_03'))
    cell = query.grid.cell_at(20, 30)
    vector = to_points(query.embedded.embedding[None])[cell]
    expected = []
    for index in range(len(images.dataset)):
        info = images.dataset.get_data_info(index)
        name = images.names[info['img_path']]
        seen = images.see(info)
        cosine = F.cosine_similarity(
            to_points(seen.embedded.embedding[None]), vector[None]
        )
        x, y = map(round, seen.grid.center_of(int(cosine.argmax())))
        if name != 'train_03':
            expected.append((float(cosine.max()), name, x, y))
    expected = sorted(expected, reverse=True)[:4]
    assert [row[1:] for row in found] == [row[1:] for row in expected]
    assert [r[0] for r in found] == pytest.approx([r[0] for r in expected], abs=1e-3)


def test_pixel_under_an_ignore_mask_is_refused(trained, tmp_path, capsys):
    masks = tmp_path / 'masks'
    masks.mkdir()
    for index in range(7):
        mask = np.zeros((40, 56), np.uint8)
        mask[30:, 20:] = 1
        cv2.imwrite(str(masks / f'train_0{index}.png'), mask)
    cfg = Config.fromfile(trained / 'config.py')
    steps = cfg.val_dataloader.dataset.pipeline
    steps.insert(3, dict(type='LoadIgnoreMask', mask_dir=str(masks)))
    steps.insert(4, dict(type='ResizeShortSide', size=80))
    steps[-1]['meta_keys'] = ('img_path', 'ori_shape', 'img_shape', 'ignore_mask')
    cfg.dump(tmp_path / 'config.py')
    out, config = tmp_path / 'a.png', tmp_path / 'config.py'
    common = ('--image', 'train_03', '--top', '1', '--pixel')
    code = retrieve(trained, out, *common, '20', '30', config=config)
    message = '--pixel 20 30 lies on an ignored pixel of '
    assert_error(capsys, code, message, 'train_03.jpg: choose another')
    # Resizing widens the mask by less than two pixels.
    for pixel in (('18', '30'), ('20', '28')):
        assert retrieve(trained, out, *common, *pixel, config=config) == 0


def test_fewer_images_than_asked_for_are_all_shown(trained, tmp_path, capsys):
    code = retrieve(trained, tmp_path / 'a.png', '--image', 'train_00.jpg', *PIXEL)
    assert code == 0
    assert len(printed(capsys)) == 6


def test_file_outside_the_data_set_is_a_query(trained, tmp_path, capsys, camvid_root):
    image = shutil.copy(camvid_root / 'img' / 'train_02.jpg', tmp_path / 'mine.jpg')
    arguments = ('--image', str(image), *PIXEL, '--top', '1')
    assert retrieve(trained, tmp_path / 'a.png', *arguments) == 0
    ((similarity, name, _, _),) = printed(capsys)
    assert name == 'train_02'
    assert similarity == pytest.approx(1, abs=1e-3)


def test_folder_of_images_without_labels_is_searched(
    trained, tmp_path, capsys, camvid_root
):
    folder = tmp_path / 'data'
    (folder / 'sub').mkdir(parents=True)
    for index in range(3):
        image = camvid_root / 'img' / f'val_0{index}.jpg'
        shutil.copy(image, folder / 'sub' / f'{index}.JPG')
    cfg = Config.fromfile(trained / 'config.py')
    dataset = dict(
        type='ImageFolderDataset', data_root=str(folder), data_prefix=dict(img_path='')
    )
    cfg.val_dataloader.dataset = dict(dataset, pipeline=cfg.test_pipeline)
    cfg.dump(tmp_path / 'config.py')
    arguments = ('--split', 'val', '--image', 'sub/1', *PIXEL)
    code = retrieve(
        trained, tmp_path / 'a.png', *arguments, config=tmp_path / 'config.py'
    )
    assert code == 0
    assert {row[1] for row in printed(capsys)} == {'sub/0', 'sub/2'}


def test_pixel_counts_from_the_corner_of_the_image_not_of_its_center(
    trained, tmp_path, capsys
):
    cfg = Config.fromfile(trained / 'config.py')
    steps = cfg.val_dataloader.dataset.pipeline
    steps.insert(3, dict(type='CenterCropShortSide', size=32))
    keys = ('img_path', 'ori_shape', 'img_shape', 'frame')
    steps[-1]['meta_keys'] = keys
    cfg.dump(tmp_path / 'config.py')
    common = ('--image', 'train_03', '--top', '2')
    out, config = tmp_path / 'a.png', tmp_path / 'config.py'
    assert retrieve(trained, out, *common, *PIXEL, config=config) == 0
    # The center square of 56 x 40 px begins at x = 8.
    assert all(8 <= x < 48 for _, _, x, _ in printed(capsys))
    code = retrieve(trained, out, *common, '--pixel', '7', '30', config=config)
    assert_error(capsys, code, '56 x 40', 'X in [8, 48) and Y in [0, 40)')

    steps[-1]['meta_keys'] = keys[:-1]
    cfg.dump(config)
    code = retrieve(trained, out, *common, *PIXEL, config=config)
    assert_error(capsys, code, "put 'frame'")


@pytest.mark.parametrize(
    'arguments, words',
    [
        (['--image', 'train_03', '--pixel', '56', '0'], ['--pixel 56 0', '56 x 40']),
        (['--image', 'train_03', '--pixel', '0', '-1'], ['--pixel 0 -1', '56 x 40']),
        (['--image', 'tran_03', *PIXEL], ['--image tran_03', '7 images', 'train_03']),
        (['--image', 'train_03', *PIXEL, '--top', '0'], ['--top must be >= 1, got 0']),
        (['--image', 'TEXT', *PIXEL], ['cannot be decoded']),
    ],
)
def test_wrong_arguments_are_one_line(trained, tmp_path, arguments, words, capsys):
    (tmp_path / 'text.jpg').write_text('no image')
    arguments = [str(tmp_path / 'text.jpg') if a == 'TEXT' else a for a in arguments]
    assert_error(capsys, retrieve(trained, tmp_path / 'a.png', *arguments), *words)
    assert not (tmp_path / 'a.png').exists()


def test_other_suffix_of_the_picture_is_refused(trained, tmp_path, capsys):
    code = retrieve(trained, tmp_path / 'a.jpg', '--image', 'train_03', *PIXEL)
    assert_error(capsys, code, '--out must end in .png')
