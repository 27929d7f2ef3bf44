"""HungarianIoUMetric(per_image=True): figures of images matched alone."""

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

from mmseg_picie.evaluation import HungarianIoUMetric
from mmseg_picie.scores import PerImageCounts, hungarian_match, majority_match

K = 4


def draw(count=5):
    generator = np.random.default_rng(0)
    for index in range(count):
        classes = generator.integers(3, size=(7 + index, 9))
        noise = generator.integers(K, size=classes.shape)
        clusters = np.where(generator.random(classes.shape) < 0.6, classes + 1, noise)
        classes[:1] = 255
        output = SegDataSample(metainfo=dict(num_clusters=K, centroids='round 3'))
        output.gt_sem_seg = PixelData(data=torch.as_tensor(classes)[None])
        output.pred_sem_seg = PixelData(data=torch.as_tensor(clusters)[None])
        yield output


def evaluated(count=5, **options):
    evaluator = Evaluator(HungarianIoUMetric(**options))
    evaluator.dataset_meta = dict(classes=('sky', 'road', 'tree'))
    evaluator.process(list(draw(count)))
    return evaluator.evaluate(count)


@pytest.mark.parametrize('matching', [False, True])
def test_images_are_matched_alone_where_asked(tmp_path, matching):
    options = {}
    if matching:  # of other images; it says nothing of these figures
        evaluated(2, figures_dir=str(tmp_path))
        options['matching'] = str(tmp_path / 'matching.json')
    expected = evaluated(**options)
    for method, match in (
        ('per_image', hungarian_match),
        ('per_image_majority', majority_match),
    ):
        counts = PerImageCounts(3, K, match)
        for one in draw():
            counts.add(one.pred_sem_seg.data[0].numpy(), one.gt_sem_seg.data[0].numpy())
        expected[f'aAcc_{method}'] = counts.scores().aAcc
        expected[f'mIoU_{method}'] = counts.scores().mIoU
    assert evaluated(per_image=True, **options) == pytest.approx(expected)
