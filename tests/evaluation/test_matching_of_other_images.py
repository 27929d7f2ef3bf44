"""``HungarianIoUMetric`` with a matching that was fitted on other images."""

import json
import logging

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger

from mmseg_picie.evaluation.hungarian_iou_metric import HungarianIoUMetric

CLASSES = ('sky', 'road', 'tree')
WITHOUT_MATCHING = ['NMI', 'ARI', 'purity']
# Rows are classes sky, road, tree; the label of row 1 is ignored in places.
HAND = [
    [[0, 0, 0, 0], [1, 1, 255, 255], [2, 2, 2, 2]],
    [[3, 3, 3, 0], [0, 0, 1, 2], [1, 1, 1, 2]],
]


def sample(classes, clusters, num_clusters=4, centroids='round 3, refit'):
    return dict(
        num_clusters=num_clusters,
        centroids=centroids,
        img_path='image.png',
        gt_sem_seg=dict(data=torch.as_tensor(np.array(classes))[None]),
        pred_sem_seg=dict(data=torch.as_tensor(np.array(clusters))[None]),
    )


def build(classes=CLASSES, **options):
    evaluator = Evaluator(HungarianIoUMetric(**options))
    evaluator.dataset_meta = dict(classes=classes)
    return evaluator


@pytest.fixture
def log(caplog):
    """The messages of mmengine's logger, which does not propagate."""
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield caplog
    logger.setLevel(level)
    logger.removeHandler(caplog.handler)


def store_matching(folder):
    """Evaluates HAND and returns the file: 3 -> sky, 0 -> road, 1 -> tree."""
    evaluator = build(figures_dir=str(folder), protocol='training split')
    evaluator.process([sample(*HAND)])
    evaluator.evaluate(1)
    return str(folder / 'matching.json')


# A fit on these images would give cluster 0 to tree and cluster 2 to road.
OTHER = [[[0, 0, 1, 1], [2, 2, 2, 255]], [[3, 3, 2, 2], [0, 0, 1, 0]]]


def test_matching_of_other_images_is_used_as_it_is(tmp_path):
    evaluator = build(matching=store_matching(tmp_path))
    evaluator.process([sample(*OTHER)])
    metrics = evaluator.evaluate(1)
    assert metrics['aAcc'] == pytest.approx(100 * 3 / 7)
    assert metrics['mIoU'] == pytest.approx(100 * (1 + 0 + 1 / 3) / 3)
    # Cluster 2 is tree by majority over there: its two pixels are wrong here.
    assert metrics['aAcc_majority'] == pytest.approx(100 * 3 / 7)
    assert metrics['mIoU_majority'] == pytest.approx(100 * (1 + 0 + 1 / 5) / 3)
    # Fitted here, the figures are others; those without matching are the same.
    fitted = build()
    fitted.process([sample(*OTHER)])
    fitted = fitted.evaluate(1)
    assert fitted['aAcc'] == pytest.approx(100 * 6 / 7)
    assert [metrics[k] for k in WITHOUT_MATCHING] == [
        fitted[k] for k in WITHOUT_MATCHING
    ]


def test_matching_of_the_same_images_changes_no_figure(tmp_path):
    path = store_matching(tmp_path)
    evaluator = build(matching=path)
    evaluator.process([sample(*HAND)])
    stored = json.loads((tmp_path / 'matching.json').read_text())
    assert evaluator.evaluate(1) == stored['metrics']


@pytest.mark.parametrize('num_clusters', [2, 5])
def test_matching_fits_any_number_of_clusters(tmp_path, num_clusters):
    clusters = np.array(HAND[1]) % num_clusters
    output = sample(HAND[0], clusters, num_clusters=num_clusters)
    first = build(figures_dir=str(tmp_path))
    first.process([output])
    metrics = first.evaluate(1)
    second = build(matching=str(tmp_path / 'matching.json'))
    second.process([output])
    assert second.evaluate(1) == metrics


def test_log_and_file_say_where_the_matching_was_fitted(tmp_path, log):
    first = store_matching(tmp_path / 'first')
    assert 'training split; matching fitted on the evaluated images' in log.text
    log.clear()
    path = first
    for name in ('second', 'third'):  # the third takes what the second took over
        evaluator = build(
            matching=path, figures_dir=str(tmp_path / name), protocol='test split'
        )
        evaluator.process([sample(*OTHER)])
        evaluator.evaluate(1)
        path = str(tmp_path / name / 'matching.json')
        stored = json.loads((tmp_path / name / 'matching.json').read_text())
        assert stored['protocol'] == 'test split'
        assert stored['fitted_on'] == f'the images of {first}: training split'
        assert stored['cluster_to_class'] == [1, 2, -1, 0]
        assert stored['cluster_to_class_majority'] == [1, 2, 2, 0]
    assert log.text.count(f'test split; matching fitted on {stored["fitted_on"]}') == 2


@pytest.mark.parametrize(
    'meta, words',
    [
        (dict(centroids='round 4, refit'), "'round 3, refit'.*holds 4, 'round 4"),
        (dict(num_clusters=5), 'is of 4 clusters.*holds 5'),
        (dict(centroids=None), 'holds 4, None'),
    ],
)
def test_matching_of_other_clusters_is_refused(tmp_path, meta, words):
    evaluator = build(matching=store_matching(tmp_path))
    with pytest.raises(ValueError, match=words):
        evaluator.process([sample(*HAND, **meta)])


@pytest.mark.parametrize('classes', [('road', 'sky', 'tree'), (*CLASSES, 'boat')])
def test_matching_of_other_classes_is_refused(tmp_path, classes):
    evaluator = build(classes, matching=store_matching(tmp_path))
    with pytest.raises(ValueError, match='same classes in the same order'):
        evaluator.process([sample(*HAND)])


def test_missing_matching_is_named_at_once(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'none\.json does not exist'):
        build(matching=str(tmp_path / 'none.json'))
