"""No two images share the name of their output."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from mmengine.visualization import Visualizer
from mmseg.structures import SegDataSample
from PIL import Image

from mmseg_picie.datasets.output_names import output_names
from mmseg_picie.engine.hooks.cluster_visualization_hook import ClusterVisualizationHook
from mmseg_picie.engine.hooks.save_masks_hook import SaveMasksHook
from mmseg_picie.models import cluster_meta


class Images:
    """The part of a data set that names are made from."""

    def __init__(self, folder, names):
        self.data_prefix = dict(img_path=str(folder))
        self.paths = [f'{folder}/{name}' for name in names]

    def __len__(self):
        return len(self.paths)

    def get_data_info(self, index):
        return dict(img_path=self.paths[index])


@pytest.mark.parametrize(
    'names, expected',
    [
        (['0.jpg', '1.png'], ['0', '1']),
        (['a/0.jpg', 'b/0.jpg'], ['a/0', 'b/0']),
        (['a/x.y.jpg'], ['a/x.y']),
        (['gray.jpg', 'gray.png', 'b.png'], ['gray.jpg', 'gray.png', 'b']),
        (['0.jpg', '0.png', '0.jpg.png'], ['0.jpg', '0.png', '0.jpg.png']),
    ],
)
def test_names_are_paths_below_the_image_folder(names, expected):
    dataset = Images('data/img', names)
    found = output_names(dataset)
    assert [found[path] for path in dataset.paths] == expected


def test_several_data_sets_are_named_below_their_common_folder():
    parts = [Images('data/one/img', ['0.jpg']), Images('data/two/img', ['0.jpg'])]
    wrapper = SimpleNamespace(dataset=SimpleNamespace(datasets=parts))
    assert set(output_names(wrapper).values()) == {'one/img/0', 'two/img/0'}


def write_images(folder, names):
    for index, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((4, 6, 3), 40 * index, np.uint8))
    return Images(folder, names)


def samples(dataset, num_clusters=5, **meta):
    for index, path in enumerate(dataset.paths):
        meta = dict(meta, img_path=path, num_clusters=num_clusters)
        sample = SegDataSample(metainfo=meta)
        sample.pred_sem_seg = PixelData(data=torch.full((1, 4, 6), index))
        yield sample


def runner(dataset):
    loop = SimpleNamespace(dataloader=SimpleNamespace(dataset=dataset))
    logger = SimpleNamespace(info=lambda text: None)
    return SimpleNamespace(test_loop=loop, val_loop=loop, logger=logger, iter=0)


NAMES = ['a/0.jpg', 'b/0.jpg', 'gray.jpg', 'gray.png']
FILES = ['a/0.png', 'b/0.png', 'gray.jpg.png', 'gray.png.png']


@pytest.mark.parametrize('num_clusters, dtype', [(5, np.uint8), (300, np.uint16)])
def test_every_image_has_its_mask(tmp_path, num_clusters, dtype):
    dataset = write_images(tmp_path / 'img', NAMES)
    hook = SaveMasksHook(str(tmp_path / 'masks'))
    hook.before_test(runner(dataset))
    hook.after_test_iter(runner(dataset), 0, None, list(samples(dataset, num_clusters)))
    hook.after_test(runner(dataset))
    for index, name in enumerate(FILES):
        mask = np.array(Image.open(tmp_path / 'masks' / name))
        assert mask.dtype == dtype
        assert np.array_equal(mask, np.full((4, 6), index))
    assert len(list((tmp_path / 'masks').rglob('*.*'))) == len(NAMES)


def shown_colors(tmp_path, dataset, **meta):
    """The color in which a viewer shows the first pixel of each mask, RGB."""
    hook = SaveMasksHook(str(tmp_path / 'masks'))
    hook.before_test(runner(dataset))
    hook.after_test_iter(runner(dataset), 0, None, list(samples(dataset, **meta)))
    paths = [tmp_path / f'masks/{index}.png' for index in range(len(dataset))]
    return [cv2.imread(str(path))[0, 0, ::-1].tolist() for path in paths]


def test_masks_of_clusters_are_shown_in_their_colors(tmp_path):
    dataset = write_images(tmp_path / 'img', ['0.jpg', '1.jpg', '2.jpg'])
    assert shown_colors(tmp_path, dataset) == cluster_meta(5)['palette'][:3]


@pytest.mark.parametrize(
    'reduce, expected',
    [
        (False, [[9, 80, 70], [1, 200, 3], [0, 0, 0]]),
        (True, [[9, 80, 70], [1, 200, 3]]),
    ],
)
def test_masks_of_classes_are_shown_in_the_colors_of_the_data_set(
    tmp_path, reduce, expected
):
    names = [f'{index}.jpg' for index in range(len(expected))]
    dataset = write_images(tmp_path / 'img', names)
    dataset.metainfo = dict(palette=[[9, 80, 70], [1, 200, 3]])
    found = shown_colors(tmp_path, dataset, num_clusters=0, reduce_zero_label=reduce)
    assert found == expected


def test_masks_without_a_zero_label_get_it_back(tmp_path):
    dataset = write_images(tmp_path / 'img', ['0.jpg', '1.jpg'])
    hook = SaveMasksHook(str(tmp_path / 'masks'))
    hook.before_test(runner(dataset))
    reduced = list(samples(dataset, reduce_zero_label=True))
    hook.after_test_iter(runner(dataset), 0, None, reduced)
    for index in (0, 1):
        mask = np.array(Image.open(tmp_path / f'masks/{index}.png'))
        assert np.array_equal(mask, np.full((4, 6), index + 1))


def test_every_image_has_its_picture(tmp_path, monkeypatch):
    calls = []

    class Recorder:
        _vis_backends: dict = {}

        def add_datasample(self, name, image, data_sample, out_file, **kwargs):
            calls.append((name, int(image[0, 0, 0]), out_file))

    monkeypatch.setattr(Visualizer, 'get_current_instance', lambda: Recorder())
    dataset = write_images(tmp_path / 'img', NAMES)
    hook = ClusterVisualizationHook(
        draw=True, interval=1, out_dir=str(tmp_path / 'out')
    )
    hook.before_test(runner(dataset))
    hook.after_test_iter(runner(dataset), 0, None, list(samples(dataset)))
    assert [call[2] for call in calls] == [str(tmp_path / 'out' / f) for f in FILES]
    assert [abs(call[1] - 40 * i) < 3 for i, call in enumerate(calls)] == [True] * 4

    calls.clear()
    hook = ClusterVisualizationHook(draw=True, interval=1)
    hook.before_val(runner(dataset))
    hook.after_val_iter(runner(dataset), 0, None, list(samples(dataset)))
    assert [call[0] for call in calls] == [
        *('val_a_0', 'val_b_0', 'val_gray.jpg', 'val_gray.png')
    ]
    assert {call[2] for call in calls} == {None}
