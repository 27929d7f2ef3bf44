import cv2
import numpy as np
import pytest
import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from mmseg_picie.models.cluster_names import cluster_meta
from mmseg_picie.visualization.cluster_local_visualizer import ClusterLocalVisualizer
from mmseg_picie.visualization.panels import HEADING, save_panels

CLASSES = dict(classes=('a', 'b'), palette=[[255, 0, 0], [0, 255, 0]])


@pytest.fixture
def visualizer():
    visualizer = ClusterLocalVisualizer(alpha=1.0)
    visualizer.dataset_meta = CLASSES
    return visualizer


def sample(prediction, truth=None, **meta):
    sample = SegDataSample(metainfo=meta)
    sample.pred_sem_seg = PixelData(data=torch.tensor(prediction)[None])
    if truth is not None:
        sample.gt_sem_seg = PixelData(data=torch.tensor(truth)[None])
    return sample


def draw(visualizer, image, data_sample, tmp_path, with_labels=False):
    path = tmp_path / 'drawn.png'
    visualizer.add_datasample(
        'x', image, data_sample, out_file=str(path), with_labels=with_labels
    )
    return cv2.imread(str(path))[:, :, ::-1]


def test_clusters_beyond_the_classes_have_their_own_colors(visualizer, tmp_path):
    clusters = [[0, 1], [2, 5]]
    output = sample(clusters, [[0, 0], [1, 1]], num_clusters=6)
    drawn = draw(visualizer, np.zeros((2, 2, 3), np.uint8), output, tmp_path)
    truth = np.array(CLASSES['palette'])[[[0, 0], [1, 1]]]
    palette = np.array(cluster_meta(6)['palette'])
    assert np.array_equal(drawn[:, :2], truth)
    assert np.array_equal(drawn[:, 2:], palette[clusters])


def test_classes_are_drawn_as_mmseg_does(visualizer, tmp_path):
    output = sample([[0, 1], [1, 0]])
    drawn = draw(visualizer, np.zeros((2, 2, 3), np.uint8), output, tmp_path)
    assert np.array_equal(drawn, np.array(CLASSES['palette'])[[[0, 1], [1, 0]]])


def test_names_stand_below_the_enlarged_image(visualizer, tmp_path):
    clusters = np.repeat([[0, 5]], 60, 1).repeat(120, 0)
    output = sample(clusters.tolist(), (clusters % 2).tolist(), num_clusters=6)
    image = np.zeros((120, 120, 3), np.uint8)
    drawn = draw(visualizer, image, output, tmp_path, with_labels=True)
    palette = np.array(cluster_meta(6)['palette'])
    larger = clusters.repeat(4, 0).repeat(4, 1)
    truth = np.array(CLASSES['palette'])[larger % 2]
    assert np.array_equal(drawn[:480], np.concatenate([truth, palette[larger]], 1))
    below = drawn[480:]
    for left, colors in ((0, CLASSES['palette']), (480, palette[[0, 5]])):
        for color in colors:
            assert (below[:, left : left + 480] == color).all(-1).any()


def test_center_square_is_cut_from_the_image(visualizer, tmp_path):
    visualizer.alpha = 0.0
    image = np.zeros((4, 8, 3), np.uint8)
    image[:, 2:6] = 200
    output = sample(np.zeros((4, 4), int).tolist(), num_clusters=2, frame='center')
    assert (draw(visualizer, image, output, tmp_path) == 200).all()


def test_folder_without_classes_is_drawn(visualizer, tmp_path):
    visualizer.dataset_meta = dict(classes=(), palette=[])
    output = sample([[0, 1]], [[255, 255]], num_clusters=2)
    drawn = draw(visualizer, np.zeros((1, 2, 3), np.uint8), output, tmp_path)
    assert np.array_equal(drawn, np.array(cluster_meta(2)['palette'])[[[0, 1]]])


def test_colors_differ():
    palette = {tuple(color) for color in cluster_meta(256)['palette']}
    assert len(palette) == 256


def test_panels_show_image_clusters_classes_truth(tmp_path):
    image = np.full((5, 6, 3), 9, np.uint8)
    clusters = np.full((5, 6), 2)
    truth = np.full((5, 6), 255)
    path = tmp_path / 'new' / 'panels.png'
    matching = np.array([-1, 0, 1])
    save_panels(path, [image], [clusters], matching, [truth], **CLASSES)
    drawn = cv2.imread(str(path))
    cells = [drawn[HEADING + 4, 4 + i * 10] for i in range(4)]
    assert cells[0].tolist() == [9, 9, 9]
    assert cells[1].tolist() == cluster_meta(3)['palette'][2][::-1]
    assert cells[2].tolist() == [0, 255, 0]
    assert cells[3].tolist() == [0, 0, 0]
