import math
from fractions import Fraction

import numpy as np
import pytest
from sklearn import metrics

from mmseg_picie.scores.agreement import (
    adjusted_rand_index,
    normalized_mutual_information,
    purity,
)
from mmseg_picie.scores.matching import confusion_matrix, majority_match, matched_scores

ALL = [normalized_mutual_information, adjusted_rand_index, purity]
# Eight pixels in two classes and three clusters.
HAND = np.array([[3, 1, 0], [0, 2, 2]])


def draw(num_classes, num_clusters, noise, seed=0):
    generator = np.random.default_rng(seed)
    classes = generator.integers(num_classes, size=2000)
    clusters = (classes * 7 + 1) % num_clusters
    wrong = generator.random(2000) < noise
    clusters[wrong] = generator.integers(num_clusters, size=wrong.sum())
    return classes, clusters


@pytest.mark.parametrize('shape', [(6, 6), (4, 9), (9, 4)])
@pytest.mark.parametrize('noise', [0, 0.3, 1])
def test_nmi_and_ari_equal_sklearn(shape, noise):
    classes, clusters = draw(*shape, noise)
    confusion = confusion_matrix(classes, clusters, *shape)
    assert normalized_mutual_information(confusion) == pytest.approx(
        100 * metrics.normalized_mutual_info_score(classes, clusters), abs=1e-9
    )
    assert adjusted_rand_index(confusion) == pytest.approx(
        100 * metrics.adjusted_rand_score(classes, clusters), abs=1e-9
    )


def test_ignored_pixels_do_not_count():
    classes, clusters = draw(5, 7, 0.4)
    classes[:300], clusters[200:500] = 255, -1
    counted = (classes != 255) & (clusters != -1)
    confusion = confusion_matrix(classes, clusters, 5, 7)
    assert adjusted_rand_index(confusion) == pytest.approx(
        100 * metrics.adjusted_rand_score(classes[counted], clusters[counted])
    )
    assert normalized_mutual_information(confusion) == pytest.approx(
        100 * metrics.normalized_mutual_info_score(classes[counted], clusters[counted])
    )


def test_hand_made_case():
    # Pairs: 12 in a class, 7 in a cluster, 5 in both, 28 in all.
    chance = 12 * 7 / 28
    ari = (3 + 0 + 1 + 1 - chance) / ((12 + 7) / 2 - chance)
    assert adjusted_rand_index(HAND) == pytest.approx(100 * ari)
    assert purity(HAND) == pytest.approx(100 * 7 / 8)
    classes = math.log(2)
    clusters = -(2 * 3 / 8 * math.log(3 / 8) + 2 / 8 * math.log(2 / 8))
    shared = sum(
        n / 8 * math.log(n / 8 / (0.5 * size / 8))
        for n, size in ((3, 3), (1, 3), (2, 3), (2, 2))
    )
    assert normalized_mutual_information(HAND) == pytest.approx(
        100 * shared / ((classes + clusters) / 2)
    )


@pytest.mark.parametrize('score', ALL)
def test_renaming_and_empty_rows_change_nothing(score):
    padded = np.zeros((4, 6), dtype=int)
    padded[np.ix_([2, 0], [5, 1, 3])] = HAND
    assert score(padded) == pytest.approx(score(HAND))


@pytest.mark.parametrize('score', ALL)
def test_equal_divisions_score_100(score):
    assert score(np.diag([5, 1, 9])[:, [2, 0, 1]]) == pytest.approx(100)
    assert score(np.array([[7]])) == score(np.array([[1]])) == 100


def test_one_cluster_tells_nothing():
    collapsed = np.array([[0, 6], [0, 3]])
    assert normalized_mutual_information(collapsed) == pytest.approx(0, abs=1e-9)
    assert adjusted_rand_index(collapsed) == 0
    assert purity(collapsed) == pytest.approx(100 * 6 / 9)


def test_fewer_shared_pairs_than_by_chance_are_negative():
    assert adjusted_rand_index(np.array([[1, 1], [1, 1]])) == pytest.approx(-50)


def test_purity_equals_the_accuracy_of_the_majority_matching():
    for shape in ((6, 6), (4, 9), (9, 4)):
        confusion = confusion_matrix(*draw(*shape, 0.4), *shape)
        expected = matched_scores(confusion, majority_match(confusion))
        assert purity(confusion) == pytest.approx(expected.aAcc)


def test_ari_is_exact_above_2_to_the_31():
    # Pairs of 2^43 pixels do not fit into int64.
    confusion = HAND.astype(np.int64) * 2**40 + np.array([[1, 0, 0], [0, 0, 1]])

    def pairs(sizes):
        return sum(Fraction(int(n) * (int(n) - 1), 2) for n in np.ravel(sizes))

    both, total = pairs(confusion), pairs(confusion.sum())
    in_class, in_cluster = pairs(confusion.sum(1)), pairs(confusion.sum(0))
    chance = in_class * in_cluster / total
    expected = (both - chance) / ((in_class + in_cluster) / 2 - chance)
    assert adjusted_rand_index(confusion) == pytest.approx(
        100 * float(expected), rel=1e-15
    )


@pytest.mark.parametrize('score', [normalized_mutual_information, purity])
def test_shares_do_not_change_above_2_to_the_31(score):
    assert score(HAND.astype(np.int64) * 2**40) == pytest.approx(score(HAND), rel=1e-12)


@pytest.mark.parametrize('score', ALL)
def test_empty_confusion_is_an_error(score):
    with pytest.raises(ValueError, match='ignore_index'):
        score(np.zeros((3, 4), dtype=int))
