import json
import math

import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator

from mmseg_picie.evaluation.cluster_statistics_metric import ClusterStatisticsMetric

KEYS = ['used_clusters', 'entropy', 'largest_share', 'boundary_rate']


def sample(clusters, num_clusters=4):
    return dict(
        num_clusters=num_clusters,
        centroids='round 1, refit',
        img_path='image.png',
        pred_sem_seg=dict(data=torch.as_tensor(np.array(clusters))[None]),
    )


def evaluate(*samples, **options):
    evaluator = Evaluator(ClusterStatisticsMetric(**options))
    evaluator.process(samples)
    return evaluator.evaluate(len(samples))


def test_case_solved_by_hand():
    metrics = evaluate(sample([[0, 0, 1], [0, 0, 1]]), sample([[2, 2]]))
    assert list(metrics) == KEYS
    assert metrics['used_clusters'] == 3
    entropy = -(0.5 * math.log(0.5) + 2 * 0.25 * math.log(0.25))
    assert metrics['entropy'] == pytest.approx(100 * entropy / math.log(4))
    assert metrics['largest_share'] == pytest.approx(50)
    # Horizontal pairs: 2 of 4 and 0 of 1; vertical: 0 of 3.
    assert metrics['boundary_rate'] == pytest.approx(100 * 2 / 8)


def test_even_use_of_all_clusters_has_full_entropy():
    metrics = evaluate(sample([[0, 1, 2, 3]]))
    assert metrics['entropy'] == pytest.approx(100)
    assert metrics['largest_share'] == pytest.approx(25)
    assert metrics['boundary_rate'] == pytest.approx(100)


def test_collapse_has_no_entropy_and_no_boundary():
    metrics = evaluate(sample(np.full((3, 5), 2)))
    assert metrics == dict(
        used_clusters=1, entropy=0, largest_share=100, boundary_rate=0
    )


def test_single_pixel_has_no_neighbors():
    assert evaluate(sample([[1]]))['boundary_rate'] == 0


def test_ignored_pixels_count_neither_as_pixels_nor_as_pairs():
    masked = sample([[0, 0, 1], [2, 0, 1]])
    masked['ignore_mask'] = np.array([[False, False, False], [True, False, False]])
    metrics = evaluate(masked)
    assert metrics['used_clusters'] == 2
    assert metrics['largest_share'] == pytest.approx(100 * 3 / 5)
    # Pairs: (0, 0), (0, 1) and (0, 1) across, (0, 0) and (1, 1) down.
    assert metrics['boundary_rate'] == pytest.approx(100 * 2 / 5)


def test_ignored_pixels_follow_the_size_of_the_prediction():
    masked = sample(np.kron([[0, 1], [2, 3]], np.ones((2, 2), int)))
    masked['ignore_mask'] = np.array([[False, False], [False, True]])
    metrics = evaluate(masked)
    assert metrics['used_clusters'] == 3
    assert metrics['largest_share'] == pytest.approx(100 / 3)


def test_image_that_is_ignored_as_a_whole_counts_nothing():
    masked = sample([[3, 3]])
    masked['ignore_mask'] = np.ones((1, 2), bool)
    assert evaluate(masked, sample([[0, 1]]))['used_clusters'] == 2


def test_file_holds_sizes_and_figures(tmp_path):
    metrics = evaluate(
        sample([[0, 0, 3]]), figures_dir=str(tmp_path), protocol='a folder'
    )
    stored = json.loads((tmp_path / 'cluster_statistics.json').read_text())
    assert stored == dict(
        protocol='a folder',
        centroids='round 1, refit',
        num_clusters=4,
        cluster_size=[2, 0, 0, 1],
        metrics=metrics,
    )


def test_errors_are_those_of_the_other_metric():
    with pytest.raises(ValueError, match=r'image.png.*expected \[0, 4\)'):
        evaluate(sample([[4]]))
    evaluator = Evaluator(ClusterStatisticsMetric())
    evaluator.process([sample([[1]])] * 3)
    with pytest.raises(ValueError, match='3 samples .* has 2.*round_up=False'):
        evaluator.evaluate(2)
