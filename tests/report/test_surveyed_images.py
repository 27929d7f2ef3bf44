"""Which images the page shows, and what of them."""

import numpy as np
import pytest
from mmengine.config import Config

from mmseg_picie.errors import InputError
from mmseg_picie.inference import InputImage
from mmseg_picie.report import surveyed_images
from mmseg_picie.report.surveyed_images import (
    GALLERY,
    SURVEYED,
    TILE,
    choose_images,
    middle,
    read_part,
    run_images,
)


@pytest.fixture
def folder(tmp_path):
    for index in range(1000):
        (tmp_path / f'{index:04d}.png').touch()
    return tmp_path


def test_images_are_spread_over_a_large_folder(folder):
    chosen = choose_images(folder)
    assert chosen.total == 1000
    for images, count in ((chosen.surveyed, SURVEYED), (chosen.gallery, GALLERY)):
        numbers = [int(image.name[:4]) for image in images]
        assert len(numbers) == count and numbers[0] == 0 and numbers[-1] == 999
        gaps = np.diff(numbers)
        assert gaps.max() - gaps.min() <= 1


def test_labeled_images_are_in_the_gallery(folder):
    labeled = ['0003.png', '0004.png', 'not_there.png']
    names = [image.name for image in choose_images(folder, labeled).gallery]
    assert {'0003.png', '0004.png'} <= set(names)
    assert len(names) == len(set(names)) == GALLERY


def test_few_images_are_all_shown(tmp_path):
    for name in 'abc':
        (tmp_path / f'{name}.png').touch()
    chosen = choose_images(tmp_path, ['b.png'])
    names = ['a.png', 'b.png', 'c.png']
    assert [image.name for image in chosen.gallery] == names
    assert [image.name for image in chosen.surveyed] == names
    with pytest.raises(InputError, match='holds no image'):
        (tmp_path / 'empty').mkdir()
        choose_images(tmp_path / 'empty')


def test_of_an_image_that_would_be_tiled_the_middle_is_shown(monkeypatch):
    assert middle((500, 600)) is None
    rows, columns = middle((9000, 8000))
    assert (rows.start, rows.stop) == (4500 - TILE // 2, 4500 + TILE // 2)
    assert (columns.start, columns.stop) == (4000 - TILE // 2, 4000 + TILE // 2)
    pixels = np.random.default_rng(0).integers(0, 255, (70, 90, 3)).astype('u1')
    image = InputImage('a', pixels)
    bgr = pixels[..., ::-1]
    assert np.array_equal(read_part(image), bgr)
    monkeypatch.setattr(surveyed_images, 'is_large', lambda size: True)
    monkeypatch.setattr(surveyed_images, 'TILE', 20)
    assert np.array_equal(read_part(image), bgr[25:45, 35:55])


def test_images_of_a_run_are_where_its_config_says(tmp_path):
    (tmp_path / 'img').mkdir()
    dataset = dict(data_root=str(tmp_path), data_prefix=dict(img_path='img'))
    cfg = Config(dict(train_dataloader=dict(dataset=dict(dataset=dataset))))
    assert run_images(cfg, tmp_path / 'a.pth') == tmp_path / 'img'
    assert run_images(Config(dict(data_root=str(tmp_path))), tmp_path) == tmp_path
    dataset['data_prefix'] = dict(img_path='gone')
    cfg = Config(dict(train_dataloader=dict(dataset=dataset)))
    with pytest.raises(InputError, match='--images'):
        run_images(cfg, tmp_path / 'a.pth')
