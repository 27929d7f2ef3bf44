"""Cityscapes-27 on generated files in its layout."""

import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.cityscapes27 import Cityscapes27Dataset

PIPELINE = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
]
FRAMES = {
    'train': ('zurich/zurich_000001_000019', 'aachen/aachen_000000_000019'),
    'val': ('munster/munster_000000_000019',),
    'test': ('berlin/berlin_000000_000019',),
    'train_extra': ('augsburg/augsburg_000000_000000',),
}
# id, name, id of class: from the official table of labels.
OFFICIAL = (
    'unlabeled,ego vehicle,rectification border,out of roi,static,dynamic,ground,road,'
    'sidewalk,parking,rail track,building,wall,fence,guard rail,bridge,tunnel,pole,'
    'polegroup,traffic light,traffic sign,vegetation,terrain,sky,person,rider,car,'
    'truck,bus,caravan,trailer,train,motorcycle,bicycle'
).split(',')


@pytest.fixture()
def root(tmp_path):
    """Files of all splits; labels hold the ids 0-33 and 255, license plates."""
    ids = np.array([*range(34), 255], np.uint8).reshape(5, 7)
    for split, frames in FRAMES.items():
        for frame in frames:
            image = tmp_path / f'leftImg8bit/{split}/{frame}_leftImg8bit.png'
            image.parent.mkdir(parents=True, exist_ok=True)
            Image.new('RGB', (7, 5)).save(image)
            if split != 'train_extra':
                label = tmp_path / f'gtFine/{split}/{frame}_gtFine_labelIds.png'
                label.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(ids).save(label)
                for other in ('instanceIds', 'labelTrainIds', 'color'):
                    name = label.name.replace('labelIds', other)
                    Image.fromarray(ids).save(label.parent / name)
    return tmp_path


def build(root, **kwargs):
    prefix = dict(img_path='leftImg8bit', seg_map_path='gtFine')
    kwargs = dict(data_prefix=prefix, pipeline=PIPELINE) | kwargs
    return Cityscapes27Dataset(data_root=str(root), **kwargs)


def frames(dataset):
    return [
        '/'.join(info['img_path'].split('/')[-2:]).removesuffix('_leftImg8bit.png')
        for info in map(dataset.get_data_info, range(len(dataset)))
    ]


def test_ids_become_classes_in_the_official_order(root):
    dataset = build(root, splits=['train'])
    labels = dataset[0]['gt_seg_map'].ravel()
    assert labels[:7].tolist() == [255] * 7
    assert labels[-1] == 255
    names = [dataset.metainfo['classes'][index] for index in labels[7:34]]
    assert names == OFFICIAL[7:]


def test_splits_are_read_in_their_order_with_their_labels(root):
    dataset = build(root, splits=('val', 'train'))
    expected = [*FRAMES['val'], *sorted(FRAMES['train'])]
    assert frames(dataset) == expected
    for sample, frame in zip(dataset, expected):
        assert sample['seg_map_path'].endswith(f'{frame}_gtFine_labelIds.png')
    assert [sample['sample_idx'] for sample in dataset] == [0, 1, 2]


def test_one_split_can_be_given_as_a_name_or_as_a_folder(root):
    prefix = dict(img_path='leftImg8bit/train', seg_map_path='gtFine/train')
    by_folder = build(root, data_prefix=prefix)
    assert frames(by_folder) == frames(build(root, splits='train'))
    assert (
        by_folder[0]['seg_map_path'] == build(root, splits='train')[0]['seg_map_path']
    )


def test_training_splits_need_no_annotations(root):
    dataset = build(
        root,
        splits=('test', 'train_extra'),
        data_prefix=dict(img_path='leftImg8bit'),
        pipeline=PIPELINE[:1],
    )
    assert frames(dataset) == [*FRAMES['test'], *FRAMES['train_extra']]
    assert all(sample['img'].shape == (5, 7, 3) for sample in dataset)


def test_a_missing_or_empty_split_is_named(root):
    with pytest.raises(FileNotFoundError, match=r'leftImg8bit/demo.*take the split'):
        build(root, splits=('train', 'demo'))
    (root / 'leftImg8bit/demo').mkdir()
    with pytest.raises(ValueError, match=r'no image in .*leftImg8bit/demo'):
        build(root, splits=('train', 'demo'))
    with pytest.raises(ValueError, match='splits or ann_file, not both'):
        build(root, splits=('train',), ann_file='list.txt')
    with pytest.raises(ValueError, match=r"once, got \('train', 'val', 'train'\)"):
        build(root, splits=['train', 'val', 'train'])


def test_ids_above_33_are_an_error(root):
    path = next(root.glob('gtFine/val/*/*_labelIds.png'))
    Image.fromarray(np.full((5, 7), 34, np.uint8)).save(path)
    with pytest.raises(ValueError, match=rf'{path.name} has ids \[34\] .*\(0-33 and'):
        build(root, splits=('val',))[0]


def test_instance_ids_are_an_error(root):
    path = next(root.glob('gtFine/val/*/*_instanceIds.png'))
    Image.fromarray(np.full((5, 7), 26 * 256, np.uint16)).save(path)
    dataset = build(root, splits=('val',), seg_map_suffix='_gtFine_instanceIds.png')
    with pytest.raises(ValueError, match='has 16 bits per pixel'):
        dataset[0]


def test_names_and_colors_are_27_different_ones():
    meta = Cityscapes27Dataset.METAINFO
    assert len(set(meta['classes'])) == 27
    assert len({tuple(color) for color in meta['palette']}) == 27
    things = [meta['classes'][index] for index in meta['partitions']['things']]
    assert things[0] == 'person' and things[-1] == 'bicycle'
