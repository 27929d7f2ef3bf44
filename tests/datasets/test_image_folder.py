"""Any folder of images."""

import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from PIL import Image

from mmseg_picie.datasets.image_folder import ImageFolderDataset
from mmseg_picie.visualization.cluster_local_visualizer import ClusterLocalVisualizer

PIPELINE = [dict(type='LoadImageFromFile')]
# In the order of the paths.
FILES = {
    'B.JPG': (31, 17),
    'a.png': (20, 20),
    'holiday/2024/c.TIFF': (9, 40),
    'holiday/d.webp': (40, 9),
    'x.y.jpeg': (12, 13),
    'z.bmp': (1, 1),
}


@pytest.fixture()
def folder(tmp_path):
    for index, (name, (height, width)) in enumerate(FILES.items()):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new('RGB', (width, height), (40 * index,) * 3).save(path)
    for other in ('notes.txt', 'holiday/.hidden.jpg', 'movie.mp4', 'jpg'):
        (tmp_path / other).write_text('no image')
    return tmp_path


def build(folder, **kwargs):
    kwargs = dict(data_prefix=dict(img_path=''), pipeline=PIPELINE) | kwargs
    return ImageFolderDataset(data_root=str(folder), **kwargs)


def names(dataset, folder):
    return [
        info['img_path'].removeprefix(f'{folder}/')
        for info in map(dataset.get_data_info, range(len(dataset)))
    ]


def test_images_of_all_kinds_sizes_and_depths_are_read_in_order(folder):
    dataset = build(folder)
    assert names(dataset, folder) == list(FILES)
    for index, (sample, size) in enumerate(zip(dataset, FILES.values())):
        assert sample['ori_shape'] == size
        assert abs(sample['img'].astype(int) - 40 * index).max() <= 2
        assert 'seg_map_path' not in sample


def test_a_list_may_leave_out_suffixes(folder):
    (folder / 'list.txt').write_text('x.y\nholiday/d.webp\n./B\na.png\n')
    dataset = build(folder, ann_file='list.txt')
    expected = ['x.y.jpeg', 'holiday/d.webp', 'B.JPG', 'a.png']
    assert names(dataset, folder) == expected


def test_an_ambiguous_or_missing_id_is_named(folder):
    Image.new('RGB', (3, 3)).save(folder / 'a.jpg')
    (folder / 'list.txt').write_text('z\na\n')
    with pytest.raises(ValueError, match=r"'a' of .*any of \['a.jpg', 'a.png'\]; wr"):
        build(folder, ann_file='list.txt')
    (folder / 'list.txt').write_text('z\nq\n')
    with pytest.raises(FileNotFoundError, match='1 of 2 images .*: q; add the files'):
        build(folder, ann_file='list.txt')


def test_a_name_that_is_also_an_id_means_the_file(folder):
    Image.new('RGB', (3, 3)).save(folder / 'a.png.jpg')
    (folder / 'list.txt').write_text('a.png\n')
    dataset = build(folder, ann_file='list.txt')
    assert names(dataset, folder) == ['a.png']


def test_a_folder_without_images_is_an_error(folder):
    (folder / 'empty').mkdir()
    (folder / 'empty/readme.txt').touch()
    with pytest.raises(ValueError, match=r"no image in '.*/empty' \(names ending in"):
        build(folder, data_prefix=dict(img_path='empty'))
    with pytest.raises(FileNotFoundError, match='data_root=.*/nowhere'):
        build(folder / 'nowhere')


def test_no_classes_suit_the_visualizer_and_test_mode(folder):
    dataset = build(folder, test_mode=True)
    assert dataset.metainfo['classes'] == ()
    assert list(dataset.metainfo['palette']) == []

    sample = SegDataSample(
        pred_sem_seg=PixelData(data=torch.arange(12).reshape(1, 3, 4)),
        metainfo=dict(num_clusters=12),
    )
    visualizer = ClusterLocalVisualizer(vis_backends=None)
    visualizer.dataset_meta = dataset.metainfo
    out = folder / 'drawn.png'
    visualizer.add_datasample(
        'a',
        np.zeros((3, 4, 3), np.uint8),
        sample,
        out_file=str(out),
        with_labels=False,
    )
    drawn = np.array(Image.open(out)).reshape(-1, 3)
    assert len({tuple(pixel) for pixel in drawn}) == 12


@pytest.mark.parametrize('listed', [True, False])
def test_every_third_image_is_held_out(folder, listed):
    everything = names(build(folder), folder)
    if listed:
        everything = everything[::-1]
        (folder / 'list.txt').write_text('\n'.join(everything))
    option = dict(ann_file='list.txt') if listed else {}
    parts = [
        names(build(folder, holdout=dict(every=3, part=part), **option), folder)
        for part in ('val', 'train')
    ]
    assert parts == [everything[::3], [n for n in everything if n not in parts[0]]]
    assert parts[0] and parts[1]


@pytest.mark.parametrize(
    'holdout, message',
    [
        (dict(every=5), r"holdout must be dict\(every=N, part='train' or 'val'\)"),
        (dict(every=5, part='test'), r"holdout.part must be one of .*, got 'test'"),
        (dict(every=1, part='val'), 'holdout.every must be a whole number >= 2'),
        (dict(every=2.5, part='val'), 'holdout.every must be a whole number >= 2'),
    ],
)
def test_a_holdout_that_says_nothing_is_refused(folder, holdout, message):
    with pytest.raises(ValueError, match=message):
        build(folder, holdout=holdout)
