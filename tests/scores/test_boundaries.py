"""Boundary F-score against hand-made maps and distances of pairs."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mmseg_picie.errors import InputError
from mmseg_picie.scores import BoundaryCounts


def half(column, size=(40, 40)):
    """Class 1 from a column on, class 0 before it."""
    labels = np.zeros(size, dtype=np.uint8)
    labels[:, column:] = 1
    return labels


def scored(predicted, labels, num_classes=2, tolerance=2 / 40):
    counts = BoundaryCounts(num_classes, tolerance)
    counts.add(predicted, labels)
    return counts.scores()


def test_equal_maps_score_100():
    rng = np.random.default_rng(0)
    labels = np.kron(rng.integers(0, 3, (5, 5)), np.ones((8, 8), int))
    found = scored(labels, labels, 3)
    assert found.mF == 100
    assert found.f.tolist() == [100, 100, 100]


@pytest.mark.parametrize(
    'shift, expected', [(1, 100), (2, 100), (3, 0), (10, 0), (-2, 100), (-3, 0)]
)
def test_shift_counts_beyond_the_tolerance(shift, expected):
    found = scored(half(20 + shift), half(20))
    assert found.mF == expected


@pytest.mark.parametrize('side, near', [(320, 2), (640, 4), (160, 1), (60, 1)])
def test_tolerance_is_2_pixels_at_320_and_at_least_1(side, near):
    for shift, expected in ((near, 100), (near + 1, 0)):
        counts = BoundaryCounts(2)
        # The shorter side counts.
        size = (side, 700)
        counts.add(half(300 + shift, size), half(300, size))
        assert counts.scores().mF == expected


def test_precision_and_recall_are_told_apart():
    labels = half(20)
    predicted = labels.copy()
    predicted[:20, :5] = 1  # a second boundary that the labels lack
    found = scored(predicted, labels)
    assert found.recall.tolist() == [100, 100]
    # Of class 1 there are 20 pixels at column 4 and 4 more at row 19.
    assert found.precision[1] == pytest.approx(100 * 40 / (40 + 24))
    precision, recall = found.precision[1], found.recall[1]
    assert found.f[1] == pytest.approx(2 * precision * recall / (precision + recall))
    assert scored(labels, predicted).recall == pytest.approx(found.precision)


def direct(predicted, labels, index, reach):
    """Precision and recall of one class from the distances of all pairs."""

    def edge(ids):
        pixels = []
        for y, x in np.ndindex(ids.shape):
            for near in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                inside = 0 <= near[0] < ids.shape[0] and 0 <= near[1] < ids.shape[1]
                if not inside or 255 in (labels[y, x], labels[near]):
                    continue
                if ids[y, x] == index != ids[near]:
                    pixels.append((y, x))
                    break
        return np.array(pixels)

    away = cdist(edge(predicted), edge(labels))
    return (
        100 * (away.min(1) <= reach).mean(),
        100 * (away.min(0) <= reach).mean(),
    )


def test_figures_equal_distances_of_all_pairs():
    rng = np.random.default_rng(3)
    labels = np.kron(rng.integers(0, 3, (4, 5)), np.ones((6, 6), int))
    predicted = np.roll(labels, 2, axis=1)
    predicted[rng.random(labels.shape) < 0.03] = 2
    labels = np.where(rng.random(labels.shape) < 0.05, 255, labels)
    found = scored(predicted, labels, 3, tolerance=2.3 / 24)
    for index in range(3):
        precision, recall = direct(predicted, labels, index, 2.3)
        assert found.precision[index] == pytest.approx(precision)
        assert found.recall[index] == pytest.approx(recall)


def test_pixels_are_summed_over_images():
    counts = BoundaryCounts(2, 2 / 40)
    counts.add(half(20), half(20))
    counts.add(half(30), half(20))
    found = counts.scores()
    assert found.precision.tolist() == found.recall.tolist() == [50, 50]


def test_class_without_a_boundary_is_left_out():
    found = scored(half(20), half(20), 3)
    assert np.isnan(found.f[2]) and found.mF == 100
    assert np.isnan(scored(half(20), np.zeros((40, 40), int)).mF)


def test_missed_class_scores_0():
    found = scored(np.zeros((40, 40), int), half(20))
    assert found.f.tolist() == found.precision.tolist() == [0, 0]


def test_border_of_what_has_no_label_is_no_boundary():
    labels = half(20)
    hidden = labels.copy()
    hidden[:, 18:22] = 255
    assert np.isnan(scored(labels, hidden).mF)


def test_wrong_input_is_named():
    with pytest.raises(InputError, match='tolerance must be > 0, got 0'):
        BoundaryCounts(2, 0)
    with pytest.raises(InputError, match='same shape'):
        scored(half(2), half(2, (4, 4)))
    with pytest.raises(InputError, match=r'labels holds \[7\]'):
        scored(half(2), np.full((40, 40), 7))
