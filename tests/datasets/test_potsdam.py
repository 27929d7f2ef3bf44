"""Potsdam on generated files in both layouts."""

import numpy as np
import pytest
from mmengine.dataset import Compose
from PIL import Image
from scipy.io import savemat

from mmseg_picie.datasets.potsdam import Potsdam3Dataset, Potsdam6Dataset
from mmseg_picie.errors import InputError

PATCHES = [
    dict(type='LoadMatImage'),
    dict(type='LoadMatAnnotations'),
    dict(type='RemapLabels'),
]
TILES = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
]
IDS = np.tile(np.arange(6, dtype=np.int32), (200, 40))[:, :200]
LISTS = {
    'unlabelled_train': ['7012', '3'],
    'labelled_train': ['55', '8'],
    'labelled_test': ['104'],
}


@pytest.fixture()
def patches(tmp_path):
    """IIC's layout: names are numbers, images RGBIR uint8, labels int32."""
    rng = np.random.default_rng(0)
    (tmp_path / 'imgs').mkdir()
    (tmp_path / 'gt').mkdir()
    for name, ids in LISTS.items():
        (tmp_path / f'{name}.txt').write_text(''.join(f'{i}\n' for i in ids))
        for i in ids:
            image = rng.integers(0, 256, (200, 200, 4), np.uint8)
            savemat(tmp_path / f'imgs/{i}.mat', {'img': image})
            if name != 'unlabelled_train':
                savemat(tmp_path / f'gt/{i}.mat', {'gt': IDS})
    return tmp_path


def build(root, kind=Potsdam6Dataset, pipeline=PATCHES, **kwargs):
    prefix = dict(img_path='imgs', seg_map_path='gt')
    kwargs = dict(data_prefix=prefix) | kwargs
    return kind(data_root=str(root), pipeline=pipeline, **kwargs)


def names(dataset):
    paths = [dataset.get_data_info(i)['img_path'] for i in range(len(dataset))]
    return [path.split('/')[-1].removesuffix('.mat') for path in paths]


def test_images_are_the_colors_in_bgr_without_infrared(patches):
    image = np.zeros((200, 200, 4), np.uint8)
    image[..., :] = (10, 20, 30, 40)
    savemat(patches / 'imgs/104.mat', {'img': image})
    sample = build(patches, splits='labelled_test')[0]
    assert sample['img'].dtype == np.uint8 and sample['img'].flags['C_CONTIGUOUS']
    assert np.array_equal(sample['img'], np.full((200, 200, 3), (30, 20, 10)))
    assert sample['ori_shape'] == sample['img_shape'] == (200, 200)


def test_infrared_comes_behind_the_colors_where_it_is_asked_for(patches):
    image = np.zeros((200, 200, 4), np.uint8)
    image[..., :] = (10, 20, 30, 40)
    savemat(patches / 'imgs/104.mat', {'img': image})
    steps = [dict(type='LoadMatImage', infrared=True)]
    sample = build(patches, pipeline=steps, splits='labelled_test')[0]
    assert np.array_equal(sample['img'], np.full((200, 200, 4), (30, 20, 10, 40)))
    savemat(patches / 'imgs/104.mat', {'img': image[..., :3]})
    with pytest.raises(InputError, match=r'no infrared.*LoadMatImage\.infrared=False'):
        build(patches, pipeline=steps, splits='labelled_test')[0]


@pytest.mark.parametrize(
    'kind, classes',
    [(Potsdam6Dataset, [0, 1, 2, 3, 4, 5]), (Potsdam3Dataset, [0, 1, 2, 2, 0, 1])],
)
def test_patch_ids_become_classes(patches, kind, classes):
    labels = build(patches, kind, splits='labelled_test')[0]['gt_seg_map']
    assert labels.dtype == np.uint8
    assert np.array_equal(labels, np.array(classes)[IDS])


@pytest.mark.parametrize(
    'kind, classes',
    [(Potsdam6Dataset, [0, 1, 2, 3, 4, 5]), (Potsdam3Dataset, [0, 1, 2, 2, 0, 1])],
)
def test_tile_ids_start_at_one_and_zero_is_ignored(tmp_path, kind, classes):
    for folder in ('img_dir/val', 'ann_dir/val'):
        (tmp_path / folder).mkdir(parents=True)
    name = '2_13_0_0_512_512.png'
    Image.new('RGB', (7, 2)).save(tmp_path / 'img_dir/val' / name)
    ids = np.tile(np.arange(7, dtype=np.uint8), (2, 1))
    Image.fromarray(ids).save(tmp_path / 'ann_dir/val' / name)
    prefix = dict(img_path='img_dir/val', seg_map_path='ann_dir/val')
    dataset = build(tmp_path, kind, TILES, data_prefix=prefix, layout='tiles')
    assert dataset[0]['gt_seg_map'].tolist() == [[255, *classes]] * 2


def test_lists_are_read_in_the_order_of_splits(patches):
    splits = ('labelled_test', 'unlabelled_train')
    dataset = build(patches, pipeline=PATCHES[:1], splits=splits)
    assert names(dataset) == ['104', '7012', '3']
    assert names(build(patches, splits='labelled_train')) == ['55', '8']
    assert len(build(patches, pipeline=PATCHES[:1])) == 5


def test_missing_lists_patches_and_labels_are_named(patches):
    with pytest.raises(
        FileNotFoundError,
        match=r"all\.txt' of splits=.*'all'\) does not exist; tools/prepare_potsdam",
    ):
        build(patches, splits=('labelled_test', 'all'))
    (patches / 'all.txt').write_text('\n')
    with pytest.raises(
        ValueError, match=r"all\.txt' of splits=.* is empty; tools/prepare_potsdam\.py"
    ):
        build(patches, splits=('labelled_test', 'all'))
    with pytest.raises(FileNotFoundError, match=r'gt/7012\.mat .* \(2 of 3 annot'):
        build(patches, splits=('labelled_test', 'unlabelled_train'))
    (patches / 'imgs/8.mat').unlink()
    with pytest.raises(FileNotFoundError, match=r'1 of 2 images .*labelled_train.*: 8'):
        build(patches, splits='labelled_train')


@pytest.mark.parametrize(
    'file, content, words',
    [
        ('imgs/104.mat', b'nothing of the kind', r'imgs/104\.mat cannot be read'),
        ('imgs/104.mat', b'', r'imgs/104\.mat is truncated'),
        ('gt/104.mat', b'nothing of the kind', r'gt/104\.mat cannot be read'),
        ('imgs/104.mat', {'image': IDS}, r"has no array 'img', .* its image in 'img'"),
        ('gt/104.mat', {'label': IDS}, r"gt/104\.mat has no array 'gt', only \['lab"),
        ('imgs/104.mat', {'img': IDS}, r'imgs/104\.mat: array .* \(200, 200\) int32'),
        ('gt/104.mat', {'gt': IDS + 0.5}, r'gt/104\.mat: array .* float64'),
        ('gt/104.mat', {'gt': IDS + 256}, r'gt/104\.mat: ids .* 256 to 261'),
        ('gt/104.mat', {'gt': IDS + 1}, r'gt/104\.mat has ids \[6\] .*\(0-5 and 255'),
        ('gt/104.mat', {'gt': IDS[:150]}, r'gt/104\.mat is \(150, 200\), its image'),
    ],
)
def test_files_that_do_not_fit_are_named(patches, file, content, words):
    if isinstance(content, bytes):
        (patches / file).write_bytes(content)
    else:
        savemat(patches / file, content)
    with pytest.raises(ValueError, match=words):
        build(patches, splits='labelled_test')[0]


def test_a_truncated_patch_is_named(patches):
    path = patches / 'imgs/104.mat'
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(ValueError, match=r'imgs/104\.mat cannot be read'):
        build(patches, splits='labelled_test')[0]


def test_wrong_arguments_are_refused(patches):
    with pytest.raises(ValueError, match="layout must be one of .* got 'png'"):
        build(patches, layout='png')
    with pytest.raises(ValueError, match='splits or ann_file, not both'):
        build(patches, splits='labelled_test', ann_file='labelled_test.txt')
    with pytest.raises(ValueError, match='splits must name each split once'):
        build(patches, splits=('labelled_test', 'labelled_test'))


def test_inference_on_a_patch_needs_no_annotation(patches):
    path = str(patches / 'imgs/3.mat')
    sample = Compose(PATCHES)(dict(img_path=path, seg_fields=[]))
    assert sample['img'].shape == (200, 200, 3)
    assert 'gt_seg_map' not in sample
