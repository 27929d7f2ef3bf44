"""Scores averaged with those of the mirror image, in tests and in predictions."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from mmseg.registry import MODELS
from small_run import make_config, small_model

from mmseg_picie.checkpoints import build_segmentor
from mmseg_picie.checkpoints.export_mmseg import _plain_test_cfg
from mmseg_picie.checkpoints.plain_images import left_out
from mmseg_picie.errors import InputError
from mmseg_picie.inference import Segmenter

FLIP = dict(mode='whole', flip_average=True)


@pytest.fixture
def segmenter(trained):
    return Segmenter(trained, 'cpu')


def image_of(camvid_root):
    return str(sorted((camvid_root / 'img').glob('val_*.jpg'))[0])


def test_scores_are_the_mean_of_both(segmenter):
    model = segmenter.model
    images = torch.randn(2, 3, 40, 56, generator=torch.Generator().manual_seed(0))
    metas = [dict(img_shape=(40, 56), ori_shape=(40, 56))] * 2
    with torch.no_grad():
        plain = model.inference(images, metas)
        mirrored = model.inference(images.flip(3), metas).flip(3)
        model.flip_average = True
        averaged = model.inference(images, metas)
        grid = model.cluster_scores(images)
        model.flip_average = False
        expected = (
            model.cluster_scores(images) + model.cluster_scores(images.flip(3)).flip(3)
        ) / 2
    torch.testing.assert_close(averaged, (plain + mirrored) / 2)
    torch.testing.assert_close(grid, expected)
    assert not torch.allclose(averaged, plain)


def test_a_mirrored_image_has_mirrored_masks(segmenter, camvid_root):
    image = cv2.imread(image_of(camvid_root))[..., ::-1]
    image = np.ascontiguousarray(image[:, :32])  # whole cells, also mirrored
    segmenter.model.flip_average = True
    first = segmenter.predict(image)
    second = segmenter.predict(np.ascontiguousarray(image[:, ::-1]))[:, ::-1]
    assert (first != second).mean() < 1e-3
    segmenter.model.flip_average = False
    assert (segmenter.predict(image) != first).any()


def test_tests_average_and_say_so(trained, camvid_root, tmp_path):
    config = make_config(camvid_root, tmp_path / 'test', model=dict(test_cfg=FLIP))
    config.load_from = str(trained / 'epoch_1.pth')
    runner = Runner.from_cfg(config)
    runner.test()
    (table,) = tmp_path.rglob('*matching*.json')
    words = 'scores averaged with those of mirror images'
    assert json.loads(table.read_text())['protocol'].endswith(words)


def test_exports_say_that_they_leave_it_out(trained):
    model, _ = build_segmentor(trained / 'epoch_1.pth')
    assert left_out(model) == ''
    model.flip_average = True
    assert 'mirror image' in left_out(model)
    assert _plain_test_cfg(FLIP) == dict(mode='whole')


def test_other_values_are_refused():
    config = dict(small_model(), test_cfg=dict(mode='whole', flip_average='yes'))
    with pytest.raises(InputError, match="test_cfg.flip_average .* got 'yes'"):
        MODELS.build(config)
