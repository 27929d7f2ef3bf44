"""What is gathered of clusters: figures, and the crops that are large and sure."""

import numpy as np

from mmseg_picie.inference import ClusterCards

PALETTE = [[255, 0, 0], [0, 255, 0]]


def image_with(side, color=(10, 20, 30)):
    """An image of one color, BGR, and ids with a square of cluster 1."""
    ids = np.zeros((64, 64), np.uint8)
    ids[:side, :side] = 1
    return np.full((64, 64, 3), color, np.uint8), ids


def center_color(crop):
    return crop[crop.shape[0] // 2, crop.shape[1] // 2].tolist()


def test_shares_and_colors_are_means_over_all_pixels():
    cards = ClusterCards(('a', 'b'), PALETTE)
    cards.add(*image_with(64, (10, 20, 30)))
    cards.add(*image_with(32, (30, 40, 90)))
    first, second = 64 * 64, 32 * 32
    assert np.allclose(cards.shares, [(first - second) / 2 / first, 0.625])
    expected = (first * np.array([30, 20, 10]) + second * np.array([90, 40, 30])) / (
        first + second
    )
    assert np.allclose(cards.mean_colors[1], expected)
    assert cards.images.tolist() == [1, 2]


def test_a_sure_crop_comes_before_a_larger_unsure_one():
    order = {}
    for sure in (False, True):
        cards = ClusterCards(('a', 'b'), PALETTE, num_cards=2)
        for side, color, share in ((40, (9, 9, 9), 0.2), (30, (99, 99, 99), 0.9)):
            confidence = np.full((64, 64), share, np.float16) if sure else None
            cards.add(*image_with(side, (color)), confidence)
        order[sure] = [center_color(crop)[0] for crop in cards.crops[1]]
    assert order == {False: [9, 99], True: [99, 9]}


def test_crops_of_the_whole_image_show_the_same_place():
    small, ids = image_with(32)
    small[ids == 1] = (0, 0, 200)
    whole = np.repeat(np.repeat(small, 3, 0), 3, 1)
    found = []
    for options in ({}, dict(whole=whole)):
        cards = ClusterCards(('a', 'b'), PALETTE)
        cards.add(small, ids, **options)
        found.append(cards.crops[1][0].astype(int))
    assert found[0].shape == found[1].shape
    assert abs(found[0] - found[1]).mean() < 12  # both the red square, outlined


def test_crops_come_from_all_parts_of_a_sequence():
    # Three scenes of four frames; the first one is the largest, the last too small.
    frames = [(40, 10), (40, 11), (40, 12), (40, 13), (30, 20), (31, 21), (30, 22)]
    frames += [(30, 23), (9, 30), (8, 31), (8, 32), (8, 33)]
    found = {}
    for num_images in (None, 12):
        cards = ClusterCards(('a', 'b'), PALETTE, 3, num_images)
        for side, gray in frames:
            cards.add(*image_with(side, (gray, gray, gray)))
        found[num_images] = [center_color(crop)[0] for crop in cards.crops[1]]
    assert found[None] == [10, 11, 12]
    assert found[12] == [10, 11, 21]


def test_a_cluster_in_one_part_has_all_its_crops():
    cards = ClusterCards(('a', 'b', 'c'), [*PALETTE, [0, 0, 255]], 3, 9)
    for gray in range(10, 14):
        cards.add(*image_with(30, (gray, gray, gray)))
    for _ in range(5):
        cards.add(*image_with(0))
    assert [center_color(crop)[0] for crop in cards.crops[1]] == [10, 13, 11]
    assert cards.crops[2] == []
