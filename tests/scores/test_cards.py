"""Cards show the biggest crops of a cluster, and its name is what they show."""

import numpy as np
import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.scores import CardCounts, biggest_crops


def parts_by_flooding(clusters):
    """Pixels of each connected part, in the order of their first pixel."""
    left = {tuple(map(int, pixel)) for pixel in np.argwhere(clusters >= 0)}
    for pixel in sorted(left):
        if pixel not in left:
            continue
        part, front = [], [pixel]
        left.discard(pixel)
        while front:
            y, x = front.pop()
            part.append((y, x))
            for beside in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                if beside in left and clusters[beside] == clusters[y, x]:
                    left.discard(beside)
                    front.append(beside)
        yield part


def crops_by_flooding(clusters):
    """Cluster -> (size, mask of the box) of its biggest part."""
    found = {}
    for part in parts_by_flooding(clusters):
        cluster = int(clusters[part[0]])
        if cluster not in found or len(part) > found[cluster][0]:
            rows, columns = zip(*part)
            box = np.zeros(clusters.shape, bool)
            box[min(rows) : max(rows) + 1, min(columns) : max(columns) + 1] = True
            found[cluster] = len(part), box
    return found


def cards_by_sorting(images, num_classes, num_clusters, num_cards):
    """The definition, with all crops of all images at hand."""
    counts = np.zeros((num_classes, num_clusters), int)
    for cluster in range(num_clusters):
        crops = []
        for order, (clusters, labels) in enumerate(images):
            found = crops_by_flooding(clusters)
            if cluster in found:
                size, box = found[cluster]
                shown = labels[box & (clusters == cluster)]
                crops.append((-size, order, shown))
        for _, _, shown in sorted(crops, key=lambda crop: crop[:2])[:num_cards]:
            for label in shown[shown != 255]:
                counts[label, cluster] += 1
    return counts


def draw(seed, count, num_classes, num_clusters):
    """Blocky images of unequal sizes, with pixels without a class or a cluster."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        shape = rng.integers(1, 9, 2)
        clusters = np.kron(rng.integers(-1, num_clusters, shape), np.ones((2, 2), int))
        labels = rng.integers(0, num_classes, clusters.shape)
        labels[rng.random(clusters.shape) < 0.2] = 255
        yield clusters, labels


@pytest.mark.parametrize('seed', range(4))
def test_crops_equal_flooding(seed):
    rng = np.random.default_rng(seed)
    for size in ((1, 1), (1, 9), (9, 1), (12, 17)):
        clusters = rng.integers(-1, 3, size)
        expected = crops_by_flooding(clusters)
        found = biggest_crops(clusters)
        assert [cluster for cluster, _, _ in found] == sorted(expected)
        for cluster, pixels, box in found:
            mask = np.zeros(size, bool)
            mask[box] = True
            assert pixels == expected[cluster][0]
            assert np.array_equal(mask, expected[cluster][1])


@pytest.mark.parametrize('num_cards', [1, 2, 5])
def test_counts_equal_sorting_all_crops(num_cards):
    images = list(draw(num_cards, 12, num_classes=3, num_clusters=4))
    cards = CardCounts(3, 4, num_cards)
    for image in images:
        cards.add(*image)
    expected = cards_by_sorting(images, 3, 4, num_cards)
    assert np.array_equal(cards.confusion(), expected)
    assert cards.num_cards.tolist() == 4 * [num_cards]


def test_cards_by_hand():
    # Cluster 0: a part of 3 in the corner and one of 2; cluster 1 is the rest.
    clusters = np.array([[0, 0, 1, 1], [0, 1, 1, 1], [1, 1, 0, 0]])
    labels = np.array([[2, 2, 0, 0], [1, 0, 0, 0], [0, 255, 1, 1]])
    cards = CardCounts(num_classes=3, num_clusters=2, num_cards=9)
    cards.add(clusters, labels)
    # The box of cluster 1 is the whole image; that of cluster 0 its upper left.
    assert cards.confusion().tolist() == [[0, 6], [1, 0], [2, 0]]
    assert cards.cluster_to_class().tolist() == [2, 0]


def test_corners_do_not_connect():
    clusters = np.array([[0, 1], [1, 0]])
    first = (0, 1, (slice(0, 1), slice(0, 1)))
    assert biggest_crops(clusters) == [first, (1, 1, (slice(0, 1), slice(1, 2)))]


def test_smaller_part_of_the_cluster_inside_the_box_is_shown_too():
    clusters = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 0]])
    labels = np.zeros((3, 3), int)
    labels[2, 2] = 1  # a part of its own, inside the box of the first
    cards = CardCounts(num_classes=2, num_clusters=2)
    cards.add(clusters, labels)
    assert cards.confusion().tolist() == [[5, 3], [1, 0]]


def test_only_the_biggest_crops_name():
    """Many small crops of a class do not outvote the N that are shown."""
    cards = CardCounts(num_classes=2, num_clusters=1, num_cards=2)
    for _ in range(5):
        cards.add(np.zeros((1, 2), int), np.zeros((1, 2), int))
    for _ in range(2):
        cards.add(np.zeros((1, 3), int), np.ones((1, 3), int))
    assert cards.confusion().tolist() == [[0], [6]]


def test_of_equal_crops_the_first_are_shown():
    cards = CardCounts(num_classes=3, num_clusters=1, num_cards=2)
    for label in range(3):
        cards.add(np.zeros((1, 2), int), np.full((1, 2), label))
    assert cards.confusion().tolist() == [[2], [2], [0]]
    assert cards.cluster_to_class().tolist() == [0]


def test_cluster_without_a_labeled_pixel_has_no_name():
    cards = CardCounts(num_classes=2, num_clusters=3, num_cards=1)
    cards.add(np.array([[0, 0, 1]]), np.array([[255, 255, 1]]))
    # The bigger crop says nothing; it is shown all the same.
    cards.add(np.array([[0]]), np.array([[1]]))
    assert cards.cluster_to_class().tolist() == [-1, 1, -1]
    assert cards.num_cards.tolist() == [1, 1, 0]


def test_wrong_input_is_named():
    with pytest.raises(InputError, match='num_cards must be >= 1, got 0'):
        CardCounts(2, 2, 0)
    cards = CardCounts(2, 2)
    with pytest.raises(InputError, match='same shape'):
        cards.add(np.zeros((2, 2), int), np.zeros((2, 3), int))
    with pytest.raises(InputError, match=r'class_labels holds \[2\]'):
        cards.add(np.zeros((1, 1), int), np.full((1, 1), 2))
    with pytest.raises(InputError, match=r'cluster_labels holds \[2\]'):
        cards.add(np.full((1, 1), 2), np.zeros((1, 1), int))
    assert not cards.num_cards.any()
