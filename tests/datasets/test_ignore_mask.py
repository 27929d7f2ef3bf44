"""Ignored regions."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.base import OptionalLabelDataset
from mmseg_picie.datasets.transforms.ignore_mask import LoadIgnoreMask


def sample(folder, name='city/a', shape=(4, 6)):
    return dict(
        img=np.full((*shape, 3), 9, np.uint8),
        img_path=str(folder / 'img' / f'{name}.jpg'),
        img_dir=str(folder / 'img'),
    )


def write(path, mask):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).save(path)


def test_nonzero_pixels_of_the_mask_file_are_ignored_in_the_label(tmp_path):
    mask = np.zeros((4, 6), np.uint8)
    mask[1, 2:4] = 1, 255
    write(tmp_path / 'masks/city/a_mask.png', mask)
    results = sample(tmp_path)
    labels = np.arange(24, dtype=np.uint8).reshape(4, 6)
    results['gt_seg_map'] = labels.copy()
    load = LoadIgnoreMask(str(tmp_path / 'masks'), mask_suffix='_mask.png')
    results = load(results)
    assert results['ignore_mask'].dtype == bool
    assert np.array_equal(results['ignore_mask'], mask > 0)
    assert np.array_equal(results['gt_seg_map'], np.where(mask > 0, 255, labels))
    assert results['gt_seg_map'].dtype == np.uint8


@pytest.mark.parametrize('channels', [2, 3, 4])
def test_alpha_is_no_part_of_the_mask(tmp_path, channels):
    mask = np.zeros((4, 6, channels), np.uint8)
    mask[..., -1] = 255  # alpha, or blue
    mask[2, 5, 0] = 7
    write(tmp_path / 'masks/city/a.png', mask)
    ignored = LoadIgnoreMask(str(tmp_path / 'masks'))(sample(tmp_path))['ignore_mask']
    if channels == 3:
        assert ignored.all()
    else:
        assert np.argwhere(ignored).tolist() == [[2, 5]]


def test_padding_is_where_all_channels_have_the_value():
    image = np.full((2, 3, 3), 5, np.uint8)
    image[0, 0] = 0
    image[0, 1] = 0, 0, 1
    results = LoadIgnoreMask(padding_value=0)(dict(img=image, img_path=None))
    assert results['ignore_mask'].tolist() == [[True, False, False], [False] * 3]


def test_both_sources_are_joined(tmp_path):
    mask = np.zeros((4, 6), np.uint8)
    mask[0, 0] = 1
    write(tmp_path / 'masks/city/a.png', mask)
    results = sample(tmp_path)
    results['img'][3, 3] = 0
    load = LoadIgnoreMask(str(tmp_path / 'masks'), padding_value=0)
    assert np.argwhere(load(results)['ignore_mask']).tolist() == [[0, 0], [3, 3]]


def test_an_image_of_no_data_set_has_no_mask_file(tmp_path):
    results = dict(img=np.ones((2, 2, 3), np.uint8), img_path=None)
    assert not LoadIgnoreMask(str(tmp_path))(results)['ignore_mask'].any()


def test_bad_masks_are_named(tmp_path):
    load = LoadIgnoreMask(str(tmp_path / 'masks'))
    path = tmp_path / 'masks/city/a.png'
    with pytest.raises(FileNotFoundError, match=r'masks/city/a\.png of .*put it there'):
        load(sample(tmp_path))
    write(path, np.zeros((6, 4), np.uint8))
    with pytest.raises(ValueError, match=r'a\.png is \(6, 4\), its image .*\(4, 6\)'):
        load(sample(tmp_path))
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match=r'a\.png is truncated; replace it'):
        load(sample(tmp_path))
    path.write_text('text')
    with pytest.raises(ValueError, match=r'a\.png cannot be decoded \(cannot identify'):
        load(sample(tmp_path))


def test_a_mask_of_an_image_that_exif_turns_is_refused(tmp_path):
    write(tmp_path / 'masks/city/a.png', np.zeros((4, 6), np.uint8))
    results = sample(tmp_path)
    exif = Image.Exif()
    exif[0x0112] = 3
    image = Image.fromarray(results['img'])
    path = Path(results['img_path'])
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, exif=exif.tobytes())
    with pytest.raises(
        ValueError, match=r'a\.jpg is turned by its EXIF .*city/a\.png w'
    ):
        LoadIgnoreMask(str(tmp_path / 'masks'))(results)
    image.save(path)
    assert not LoadIgnoreMask(str(tmp_path / 'masks'))(results)['ignore_mask'].any()


def test_a_label_of_another_size_is_an_error(tmp_path):
    results = sample(tmp_path) | dict(gt_seg_map=np.zeros((2, 3), np.uint8))
    with pytest.raises(ValueError, match='put LoadIgnoreMask before the resizing'):
        LoadIgnoreMask(padding_value=0)(results)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match='mask_dir and padding_value are both None'):
        LoadIgnoreMask()
    with pytest.raises(ValueError, match=r'padding_value must lie in \[0, 255\], got'):
        LoadIgnoreMask(padding_value=256)


def test_masks_go_from_a_data_set_into_views_and_packed_samples(tmp_path):
    mask = np.zeros((40, 60), np.uint8)
    mask[:, 30:] = 1
    write(tmp_path / 'masks/city/a.png', mask)
    (tmp_path / 'img/city').mkdir(parents=True)
    cv2.imwrite(str(tmp_path / 'img/city/a.jpg'), np.full((40, 60, 3), 90, np.uint8))
    load = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadIgnoreMask', mask_dir=str(tmp_path / 'masks')),
    ]
    views = [*load, dict(type='PairedViews', size=20), dict(type='PackViews')]
    plain = [
        *load,
        dict(type='CenterCropShortSide', size=20),
        dict(type='PackSegInputs', meta_keys=('img_path', 'ignore_mask')),
    ]
    for pipeline in (views, plain):
        dataset = OptionalLabelDataset(
            data_root=str(tmp_path),
            data_prefix=dict(img_path='img'),
            pipeline=pipeline,
        )
        packed = dataset[0]
        if pipeline is views:
            assert packed['inputs']['ignore'].shape == (20, 20)
        else:
            ignored = packed['data_samples'].ignore_mask
            assert np.array_equal(ignored, np.tile(np.arange(20) >= 10, (20, 1)))


def test_the_mask_goes_after_the_image():
    with pytest.raises(ValueError, match='put it after LoadImageFromFile'):
        LoadIgnoreMask(padding_value=0)(dict(img_path='a.jpg'))
