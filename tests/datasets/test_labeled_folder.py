"""An own folder of images and labels, evaluated by options of a config."""

from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_labels import (
    COLORS,
    NAMES,
    class_maps,
    save,
    save_palette,
    write_images,
    write_labels,
)
from mmengine.config import Config
from mmengine.structures import PixelData
from mmseg.registry import DATASETS, METRICS
from PIL import Image

from mmseg_picie.datasets import ImageFolderDataset
from mmseg_picie.datasets.transforms import LoadFolderLabels
from mmseg_picie.errors import InputError

CONFIG = Path(__file__).parents[2] / 'configs/picie/picie_fpn_r18_folder.py'
MAPS = class_maps()
STEPS = [dict(type='LoadImageFromFile'), dict(type='LoadFolderLabels')]
MMSEG_STEPS = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
]
FOLDERS = dict(img_path='img', seg_map_path='ann')


@pytest.fixture
def root(tmp_path):
    write_images(tmp_path)
    return tmp_path


def build(root, pipeline=STEPS, **kwargs):
    kwargs = dict(data_prefix=FOLDERS) | kwargs
    return ImageFolderDataset(data_root=str(root), pipeline=pipeline, **kwargs)


def class_maps_of(dataset):
    return np.stack([sample['gt_seg_map'] for sample in dataset])


def evaluated_by_options(root, **options):
    """Figures of halves as clusters, by the folder config and its options."""
    loader = 'test_dataloader.dataset'
    cfg = Config.fromfile(CONFIG)
    cfg.merge_from_dict(
        {
            f'{loader}.data_root': str(root),
            f'{loader}.data_prefix.img_path': 'img',
            f'{loader}.data_prefix.seg_map_path': 'ann',
            **{f'{loader}.{name}': value for name, value in options.items()},
            'test_evaluator.type': 'HungarianIoUMetric',
        }
    )
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    metric = METRICS.build(cfg.test_evaluator)
    metric.dataset_meta = dataset.metainfo
    for sample in dataset:
        sample = sample['data_samples']
        height, width = sample.ori_shape
        clusters = np.zeros((1, height, width), np.int64)
        clusters[:, :, width // 2 :] = 1
        sample.set_metainfo(dict(num_clusters=2))
        sample.pred_sem_seg = PixelData(data=torch.from_numpy(clusters))
        metric.process({}, [sample.to_dict()])
    return metric.evaluate(len(dataset))


def iou_of_halves(maps):
    """mIoU of left and right half as two clusters, by the better of two matchings."""
    right = np.zeros_like(maps)
    right[:, :, maps.shape[2] // 2 :] = 1

    def score(halves):
        both = [((halves == c) & (maps == c)).sum() for c in (0, 1)]
        either = [((halves == c) | (maps == c)).sum() for c in (0, 1)]
        accuracy = sum(both)
        return accuracy, 100 * np.mean(np.divide(both, either))

    return max(score(right), score(1 - right))[1]


STORED = {
    'ids from 0': (MAPS, dict()),
    'ids from 1': (MAPS + 1, dict()),
    '0 and 255': (MAPS * 255, dict(classes=['background', 'cell'])),
    'colors': (COLORS[MAPS], dict()),
    'colors and table': (COLORS[MAPS], dict(label_table_file='table.csv')),
    'names of mmseg': (MAPS, {'metainfo.classes': ['background', 'cell']}),
    'palette': (None, dict()),
}


@pytest.mark.parametrize('stored', STORED)
def test_every_way_of_storing_gives_one_figure_by_options_alone(root, stored):
    pixels, options = STORED[stored]
    (root / 'table.csv').write_text('background,0,0,0\ncell,200,30,30\n')
    if pixels is None:
        write_labels(root / 'ann', NAMES, MAPS, write=save_palette)
    else:
        write_labels(root / 'ann', NAMES, pixels)
    figures = evaluated_by_options(root, **options)
    assert figures['mIoU'] == pytest.approx(iou_of_halves(MAPS), abs=0.01)


@pytest.mark.parametrize('pipeline', [STEPS, MMSEG_STEPS])
@pytest.mark.parametrize(
    'pixels', [MAPS + 1, COLORS[MAPS], MAPS.astype(np.uint16) * 65535]
)
def test_samples_carry_class_maps(root, pipeline, pixels):
    write_labels(root / 'ann', NAMES, pixels)
    dataset = build(root, pipeline)
    assert np.array_equal(class_maps_of(dataset), MAPS)
    assert len(dataset.metainfo['classes']) == 2
    assert len(dataset.metainfo['palette']) == 2
    assert all('gt_seg_map' in sample['seg_fields'] for sample in dataset)


def test_the_log_says_how_labels_were_read_and_what_is_left_out(root, log):
    write_labels(root / 'ann', NAMES[:2], MAPS * 255)
    dataset = build(root)
    assert np.array_equal(class_maps_of(dataset), MAPS[:2])
    assert "ann': binary masks of 0 and 255, read as 0 and 1" in log.text
    assert '2 of 3 images have a label; the others are left out' in log.text


def test_a_listed_image_without_label_is_an_error(root):
    write_labels(root / 'ann', NAMES[:2], MAPS)
    (root / 'list.txt').write_text('a/1\n')
    assert len(build(root, ann_file='list.txt')) == 1
    (root / 'list.txt').write_text('a/1\na/2\n')
    with pytest.raises(
        FileNotFoundError, match=r'image a/2\.png of ann_file=.*no label'
    ):
        build(root, ann_file='list.txt')


def test_classes_are_those_of_the_whole_folder_also_for_a_list(root):
    maps = class_maps(classes=3)
    maps[0] = 0
    write_labels(root / 'ann', NAMES, maps)
    (root / 'list.txt').write_text('0\n')
    assert build(root, ann_file='list.txt').metainfo['classes'] == ('0', '1', '2')


def test_without_a_folder_of_labels_nothing_is_loaded(root):
    dataset = build(root, data_prefix=dict(img_path='img'))
    assert dataset.label_folder is None
    assert dataset.metainfo['classes'] == ()
    assert not any('gt_seg_map' in sample for sample in dataset)
    with pytest.raises(InputError, match='data_prefix has no seg_map_path; add the fo'):
        build(root, MMSEG_STEPS, data_prefix=dict(img_path='img'))


def test_labels_that_no_step_loads_are_not_looked_at(root):
    (root / 'ann').mkdir()
    (root / 'ann/0.png').write_text('no image')
    dataset = build(root, STEPS[:1])
    assert len(dataset) == 3
    with pytest.raises(InputError, match=r'ann/0\.png: cannot identify'):
        build(root)


def test_a_label_that_does_not_lie_on_the_loaded_image_is_refused(root):
    write_labels(root / 'ann', NAMES, MAPS)
    dataset = build(root)
    info = dataset.get_data_info(0) | dict(
        img=np.zeros((16, 12, 3), np.uint8), ori_shape=(16, 12)
    )
    with pytest.raises(
        InputError, match=r'0\.png is \(12, 16\), its image .* \(16, 12\)'
    ):
        LoadFolderLabels()(info)


def test_images_turned_by_exif_carry_turned_labels(root):
    exif = Image.Exif()
    exif[0x0112] = 6
    save(root / 'img/0.jpg', np.zeros((12, 16, 3), np.uint8), exif=exif.tobytes())
    write_labels(root / 'ann', NAMES[:1], MAPS)
    sample = build(root)[0]
    assert sample['img'].shape[:2] == (16, 12)
    assert np.array_equal(sample['gt_seg_map'], np.rot90(MAPS[0], -1))


def test_options_that_do_not_go_together_are_named(root):
    write_labels(root / 'ann', NAMES, MAPS)
    with pytest.raises(
        InputError, match=r"label_table_file='t\.csv' is for labels, an"
    ):
        build(root, data_prefix=dict(img_path='img'), label_table_file='t.csv')
    with pytest.raises(InputError, match=r"classes=\['a'\] is for labels"):
        build(root, data_prefix=dict(img_path='img'), classes=['a'])
    with pytest.raises(InputError, match='give classes or metainfo.classes, not both'):
        build(root, classes=['a', 'b'], metainfo=dict(classes=['a', 'b']))
    with pytest.raises(InputError, match='give a table or classes, not both'):
        build(root, classes=['a', 'b'], label_table_file='t.csv')
    with pytest.raises(
        FileNotFoundError, match=r'label table .*/t\.csv does not exist'
    ):
        build(root, label_table_file='t.csv')
