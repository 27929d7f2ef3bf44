from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from mmseg_picie.scores.matching import (
    confusion_matrix,
    hungarian_match,
    majority_match,
    matched_confusion,
    matched_scores,
)


def draw(num_classes, num_clusters, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(1, 10_000, size=(num_classes, num_clusters))


def hits(confusion, cluster_to_class):
    return sum(
        int(confusion[c, k]) for k, c in enumerate(cluster_to_class.tolist()) if c >= 0
    )


def test_confusion_equals_counting_by_hand():
    classes = np.array([[0, 1, 1, 255], [2, 2, 0, 1]], dtype=np.uint8)
    clusters = np.array([[3, 0, 0, 1], [2, -1, 3, 1]])
    confusion = confusion_matrix(classes, clusters, 3, 4)
    assert confusion.tolist() == [[0, 0, 0, 2], [2, 1, 0, 0], [0, 0, 1, 0]]
    assert confusion.dtype == np.int64


def test_confusion_takes_another_ignore_index():
    confusion = confusion_matrix(np.array([0, 9, 255]), np.zeros(3, int), 256, 1, 9)
    assert confusion.sum() == 2 and confusion[255, 0] == 1


def test_ids_out_of_range_are_named():
    with pytest.raises(ValueError, match=r'class_labels holds \[3, 181\]'):
        confusion_matrix(np.array([0, 3, 181, 255]), np.zeros(4, int), 3, 2)
    with pytest.raises(ValueError, match=r'cluster_labels holds \[-2, 2\]'):
        confusion_matrix(np.array([0, 1, 1]), np.array([1, 2, -2]), 3, 2)
    with pytest.raises(ValueError, match='shape'):
        confusion_matrix(np.zeros((2, 2)), np.zeros(4), 3, 2)


@pytest.mark.parametrize('shape', [(4, 4), (3, 5), (5, 3)])
def test_hungarian_equals_brute_force(shape):
    num_classes, num_clusters = shape
    for seed in range(5):
        confusion = draw(*shape, seed)
        padded = np.zeros((5, 5), dtype=int)
        padded[:num_classes, :num_clusters] = confusion
        best = max(sum(padded[order, range(5)]) for order in permutations(range(5)))
        matching = hungarian_match(confusion)
        assert hits(confusion, matching) == best
        used = matching[matching >= 0]
        assert len(used) == len(set(used)) == min(shape)


def test_hungarian_equals_scipy_on_27_classes():
    confusion = draw(27, 27)
    classes, clusters = linear_sum_assignment(-confusion)
    assert hungarian_match(confusion)[clusters].tolist() == classes.tolist()


def test_hungarian_is_exact_above_2_to_the_31():
    # The two matchings differ by one pixel in 2^41.
    big = 2**40
    confusion = np.array([[big + 1, big], [big, big]])
    assert hungarian_match(confusion).tolist() == [0, 1]
    confusion = np.array([[big, big + 1], [big, big]])
    assert hungarian_match(confusion).tolist() == [1, 0]


def test_cluster_is_not_named_after_a_class_it_never_meets():
    confusion = np.array([[5, 3, 0], [0, 0, 0], [0, 0, 4]])
    assert hungarian_match(confusion).tolist() == [0, -1, 2]


def test_majority_by_hand():
    confusion = np.array([[5, 0, 2, 0], [3, 0, 2, 1], [1, 0, 0, 9]])
    assert majority_match(confusion).tolist() == [0, -1, 0, 2]


@pytest.mark.parametrize('match', [hungarian_match, majority_match])
@pytest.mark.parametrize('shape', [(6, 6), (4, 9), (9, 4)])
def test_relabeling_clusters_changes_nothing(match, shape):
    confusion = draw(*shape)
    order = np.random.default_rng(1).permutation(shape[1])
    matching, relabeled = match(confusion), match(confusion[:, order])
    assert relabeled.tolist() == matching[order].tolist()
    first = matched_scores(confusion, matching)
    second = matched_scores(confusion[:, order], relabeled)
    assert (first.aAcc, first.mIoU, first.mAcc) == (
        second.aAcc,
        second.mIoU,
        second.mAcc,
    )


def test_merged_confusion_by_hand():
    confusion = np.array([[1, 2, 3, 4], [5, 6, 7, 8]])
    merged = matched_confusion(confusion, np.array([1, 0, -1, 1]))
    assert merged.tolist() == [[2, 5, 3], [6, 13, 7]]


def test_scores_equal_pixel_sets():
    generator = np.random.default_rng(0)
    classes, clusters = generator.integers(4, size=(2, 3000))
    confusion = confusion_matrix(classes, clusters, 4, 4)
    matching = np.array([2, 0, 3, 1])
    predicted = matching[clusters]
    scores = matched_scores(confusion, matching)
    assert scores.aAcc == pytest.approx(100 * (predicted == classes).mean())
    for c in range(4):
        true, found = classes == c, predicted == c
        iou = (true & found).sum() / (true | found).sum()
        assert scores.iou[c] == pytest.approx(100 * iou)
        assert scores.acc[c] == pytest.approx(100 * found[true].mean())
    assert scores.mIoU == pytest.approx(scores.iou.mean())
    assert scores.mAcc == pytest.approx(scores.acc.mean())


def test_more_clusters_than_classes_by_hand():
    # Cluster 2 is left over: its 4 pixels are misses, false positives of nobody.
    confusion = np.array([[6, 0, 3], [2, 8, 1]])
    matching = hungarian_match(confusion)
    assert matching.tolist() == [0, 1, -1]
    scores = matched_scores(confusion, matching)
    assert scores.aAcc == pytest.approx(100 * 14 / 20)
    assert scores.iou.tolist() == pytest.approx([100 * 6 / 11, 100 * 8 / 11])
    assert scores.acc.tolist() == pytest.approx([100 * 6 / 9, 100 * 8 / 11])
    majority = matched_scores(confusion, majority_match(confusion))
    assert majority.aAcc == pytest.approx(100 * 17 / 20)
    assert majority.iou.tolist() == pytest.approx([100 * 9 / 12, 100 * 8 / 11])


def test_fewer_clusters_than_classes_by_hand():
    # Class 2 has no cluster and scores 0; its pixels are false positives of others.
    confusion = np.array([[6, 0], [0, 8], [1, 5]])
    scores = matched_scores(confusion, hungarian_match(confusion))
    assert scores.aAcc == pytest.approx(100 * 14 / 20)
    assert scores.iou.tolist() == pytest.approx([100 * 6 / 7, 100 * 8 / 13, 0])
    assert scores.mIoU == pytest.approx(scores.iou.sum() / 3)
    assert scores.mAcc == pytest.approx(200 / 3)


def test_absent_class_is_left_out_of_the_means():
    confusion = np.array([[6, 0, 0], [0, 0, 0], [0, 2, 2]])
    scores = matched_scores(confusion, np.array([0, 2, 1]))
    assert np.isnan(scores.iou[1]) and np.isnan(scores.acc[1])
    assert scores.mIoU == pytest.approx(75) and scores.mAcc == pytest.approx(75)


def test_scores_of_counts_above_2_to_the_31():
    confusion = np.array([[3, 1], [1, 3]]) * 2**40
    scores = matched_scores(confusion, np.array([0, 1]))
    assert (scores.aAcc, scores.mIoU, scores.mAcc) == (75, 60, 75)


def test_empty_confusion_is_an_error():
    with pytest.raises(ValueError, match='ignore_index'):
        matched_scores(np.zeros((3, 3), dtype=int), np.zeros(3, dtype=int))
