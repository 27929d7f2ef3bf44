"""Clusters matched to classes image by image."""

from itertools import permutations

import numpy as np
import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.scores import (
    PerImageCounts,
    confusion_matrix,
    hungarian_match,
    majority_match,
    matched_scores,
)


def draw(seed, count=4, num_classes=3, num_clusters=4):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        labels = np.kron(rng.integers(0, num_classes, (3, 3)), np.ones((4, 4), int))
        own = rng.permutation(num_clusters)
        noise = rng.integers(0, num_clusters, labels.shape)
        clusters = np.where(rng.random(labels.shape) < 0.7, own[labels], noise)
        labels[rng.random(labels.shape) < 0.1] = 255
        yield clusters, labels


def counted(images, match, num_classes=3, num_clusters=4):
    counts = PerImageCounts(num_classes, num_clusters, match)
    for image in images:
        counts.add(*image)
    return counts.scores()


def brute_force(clusters, labels):
    """The most pixels right in one image over all one-to-one maps of 4 to 3."""
    names = [*range(3), -1]
    valid = labels != 255
    return max(
        (np.array(order)[clusters] == labels)[valid].sum()
        for order in permutations(names)
    )


def test_hungarian_is_the_best_map_of_each_image():
    images = list(draw(0))
    right = sum(brute_force(*image) for image in images)
    total = sum((labels != 255).sum() for _, labels in images)
    found = counted(images, hungarian_match)
    assert found.aAcc == pytest.approx(100 * right / total)
    pooled = sum(confusion_matrix(labels, ids, 3, 4) for ids, labels in images)
    assert found.aAcc > matched_scores(pooled, hungarian_match(pooled)).aAcc


def test_iou_is_of_the_pixels_of_all_images():
    images = list(draw(1))
    found = counted(images, majority_match)
    true, said = [], []
    for clusters, labels in images:
        lookup = np.full(4, -1)
        for cluster in range(4):
            own = labels[(clusters == cluster) & (labels != 255)]
            if own.size:
                lookup[cluster] = np.bincount(own).argmax()
        true.append(labels[labels != 255])
        said.append(lookup[clusters[labels != 255]])
    true, said = np.concatenate(true), np.concatenate(said)
    for index in range(3):
        both = ((true == index) & (said == index)).sum()
        either = ((true == index) | (said == index)).sum()
        assert found.iou[index] == pytest.approx(100 * both / either)


def test_over_clustered_image_is_right_by_majority_alone():
    # Two clusters cover class 0: one to one leaves the smaller one out.
    image = np.array([[0, 0, 1, 2]]), np.array([[0, 0, 0, 1]])
    one_to_one = counted([image], hungarian_match, 2, 3)
    majority = counted([image], majority_match, 2, 3)
    assert majority.aAcc == majority.mIoU == 100
    assert one_to_one.aAcc == 75
    # The pixel left out is a miss of its class and a false positive of none.
    assert one_to_one.iou.tolist() == pytest.approx([100 * 2 / 3, 100])


def test_class_on_no_image_is_left_out_of_the_mean():
    image = np.array([[0, 1]]), np.array([[0, 2]])
    found = counted([image], hungarian_match)
    assert np.isnan(found.iou[1]) and found.mIoU == 100


def test_nothing_labeled_is_refused():
    with pytest.raises(InputError, match='is empty'):
        counted([(np.zeros((2, 2), int), np.full((2, 2), 255))], hungarian_match)
