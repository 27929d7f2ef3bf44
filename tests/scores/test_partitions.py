import numpy as np
import pytest

from mmseg_picie.scores.matching import (
    confusion_matrix,
    hungarian_match,
    matched_confusion,
    matched_scores,
)
from mmseg_picie.scores.partitions import partition_block_scores, partition_scores

# Classes 0, 1 are things, 2, 3 stuff; clusters are in the order of the classes.
HAND = np.array([[6, 1, 3, 0], [2, 4, 0, 2], [1, 0, 8, 1], [0, 5, 2, 5]])
MATCHING = np.arange(4)
THINGS, STUFF = (0, 1), (2, 3)
BOTH = [partition_scores, partition_block_scores]


def draw(num_clusters, seed=0):
    generator = np.random.default_rng(seed)
    return generator.integers(1, 1000, size=(6, num_clusters))


def test_confusions_across_groups_count_by_hand():
    scores = partition_scores(HAND, MATCHING, THINGS)
    assert scores.iou.tolist() == pytest.approx([100 * 6 / 13, 100 * 4 / 14])
    assert scores.acc.tolist() == pytest.approx([100 * 6 / 10, 100 * 4 / 8])
    assert scores.aAcc == pytest.approx(100 * 10 / 18)
    assert scores.mIoU == pytest.approx(scores.iou.mean())
    assert scores.mAcc == pytest.approx(55)


def test_block_alone_by_hand():
    scores = partition_block_scores(HAND, MATCHING, THINGS)
    assert scores.iou.tolist() == pytest.approx([100 * 6 / 9, 100 * 4 / 7])
    assert scores.acc.tolist() == pytest.approx([100 * 6 / 7, 100 * 4 / 6])
    assert scores.aAcc == pytest.approx(100 * 10 / 13)
    scores = partition_block_scores(HAND, MATCHING, STUFF)
    assert scores.iou.tolist() == pytest.approx([100 * 8 / 11, 100 * 5 / 8])
    assert scores.aAcc == pytest.approx(100 * 13 / 16)


def test_both_definitions_equal_pixel_sets():
    generator = np.random.default_rng(0)
    classes, clusters = generator.integers(5, size=(2, 4000))
    classes[:100] = 255
    clusters[100:200] = -1
    confusion = confusion_matrix(classes, clusters, 5, 5)
    matching = np.array([3, -1, 0, 4, 1])
    counted = (classes != 255) & (clusters != -1)
    true, found = classes[counted], matching[clusters[counted]]
    group = [4, 0, 1]
    whole = partition_scores(confusion, matching, group)
    block = partition_block_scores(confusion, matching, group)
    inside = np.isin(true, group) & np.isin(found, group)
    for scores, kept in ((whole, np.ones_like(inside)), (block, inside)):
        t, f = true[kept], found[kept]
        for index, c in enumerate(group):
            iou = ((t == c) & (f == c)).sum() / ((t == c) | (f == c)).sum()
            assert scores.iou[index] == pytest.approx(100 * iou)
            assert scores.acc[index] == pytest.approx(100 * (f[t == c] == c).mean())
        of_group = np.isin(t, group)
        assert scores.aAcc == pytest.approx(100 * (t == f)[of_group].mean())
        assert scores.mIoU == pytest.approx(scores.iou.mean())
        assert scores.mAcc == pytest.approx(scores.acc.mean())


@pytest.mark.parametrize('score', BOTH)
@pytest.mark.parametrize('num_clusters', [4, 6, 9])
def test_group_of_all_classes_has_the_scores_of_the_whole(score, num_clusters):
    confusion = draw(num_clusters)
    matching = hungarian_match(confusion)
    if score is partition_block_scores:
        # Pixels of left-over clusters have no prediction, hence lie in no block.
        confusion = confusion * (matching >= 0)
    expected = matched_scores(confusion, matching)
    scores = score(confusion, matching, range(6))
    assert (scores.aAcc, scores.mIoU, scores.mAcc) == pytest.approx(
        (expected.aAcc, expected.mIoU, expected.mAcc)
    )


@pytest.mark.parametrize('num_clusters', [4, 6, 9])
def test_groups_add_up_to_the_whole(num_clusters):
    confusion = draw(num_clusters)
    matching = hungarian_match(confusion)
    whole = matched_scores(confusion, matching)
    groups = [[0, 5], [1, 2, 3, 4]]
    scores = [partition_scores(confusion, matching, group) for group in groups]
    pixels = [confusion[group].sum() for group in groups]
    assert np.average([s.aAcc for s in scores], weights=pixels) == pytest.approx(
        whole.aAcc
    )
    assert np.average([s.mIoU for s in scores], weights=[2, 4]) == pytest.approx(
        whole.mIoU
    )


@pytest.mark.parametrize('num_clusters', [4, 6, 9])
def test_block_is_never_lower(num_clusters):
    for seed in range(5):
        confusion = draw(num_clusters, seed)
        matching = hungarian_match(confusion)
        whole = partition_scores(confusion, matching, [0, 2, 4])
        block = partition_block_scores(confusion, matching, [0, 2, 4])
        assert (block.iou >= whole.iou).all() and (block.acc >= whole.acc).all()
        assert block.aAcc >= whole.aAcc


def test_left_over_cluster_is_a_miss_in_the_whole_and_outside_the_block():
    confusion = np.array([[6, 0, 0, 4], [0, 5, 5, 0], [1, 0, 9, 0]])
    matching = np.array([0, 1, 2, -1])
    whole = partition_scores(confusion, matching, [0, 1])
    assert whole.iou.tolist() == pytest.approx([100 * 6 / 11, 50])
    assert whole.aAcc == pytest.approx(100 * 11 / 20)
    block = partition_block_scores(confusion, matching, [0, 1])
    assert block.iou.tolist() == [100, 100] and block.aAcc == 100


def test_class_without_a_cluster_scores_zero():
    # K < C: nothing is predicted as class 2, whose pixels all leave its group.
    confusion = np.array([[6, 0], [0, 8], [1, 5], [0, 2]])
    matching = np.array([0, 1])
    for score in BOTH:
        scores = score(confusion, matching, [2, 3])
        assert scores.iou.tolist() == scores.acc.tolist() == [0, 0]
        assert (scores.aAcc, scores.mIoU, scores.mAcc) == (0, 0, 0)


@pytest.mark.parametrize('score', BOTH)
def test_absent_class_is_left_out_of_the_means_of_its_group(score):
    confusion = np.array([[6, 2, 0], [0, 0, 0], [0, 0, 4]])
    scores = score(confusion, np.array([0, 1, 2]), [0, 1])
    assert np.isnan(scores.iou[1]) and np.isnan(scores.acc[1])
    assert (scores.aAcc, scores.mIoU, scores.mAcc) == (75, 75, 75)


@pytest.mark.parametrize('score', BOTH)
def test_group_that_never_occurs_has_no_figures(score):
    confusion = np.array([[6, 2], [0, 0]])
    scores = score(confusion, np.array([0, 1]), [1])
    assert np.isnan([scores.aAcc, scores.mIoU, scores.mAcc]).all()


def test_block_is_of_columns_in_the_order_of_the_classes():
    # PiCIE's code permutes the rows instead (R7): its slices are other classes.
    confusion = HAND[:, [2, 3, 0, 1]]
    matching = np.array([2, 3, 0, 1])
    assert matched_confusion(confusion, matching)[:, :4].tolist() == HAND.tolist()
    scores = partition_block_scores(confusion, matching, THINGS)
    expected = partition_block_scores(HAND, MATCHING, THINGS)
    assert scores.iou.tolist() == expected.iou.tolist()
    assert scores.aAcc == expected.aAcc


@pytest.mark.parametrize('score', BOTH)
def test_scores_of_counts_above_2_to_the_31(score):
    scores = score(HAND * 2**40, MATCHING, THINGS)
    expected = score(HAND, MATCHING, THINGS)
    assert (scores.aAcc, scores.mIoU) == (expected.aAcc, expected.mIoU)


@pytest.mark.parametrize('score', BOTH)
def test_wrong_groups_are_named(score):
    for group in ([], [1, 1]):
        with pytest.raises(ValueError, match='different classes'):
            score(HAND, MATCHING, group)
    for group in ([0, 4], [-1]):
        with pytest.raises(ValueError, match=r'ids in \[0, 4\)'):
            score(HAND, MATCHING, group)
    with pytest.raises(ValueError, match='ignore_index'):
        score(np.zeros((4, 4), dtype=int), MATCHING, THINGS)
