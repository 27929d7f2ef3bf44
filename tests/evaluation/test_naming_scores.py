"""Scores of named clusters, each under the protocol it says."""

import json

import numpy as np
import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.evaluation import naming_table, score_naming
from mmseg_picie.scores import (
    CardCounts,
    classes_of_nearest,
    confusion_matrix,
    hungarian_match,
    majority_match,
)

CLASSES = ('sky', 'road', 'tree')
SCORED, LABELING = 'scored images', 'labeling images'


def draw(seed, count=6, num_clusters=7, low=0):
    """Images whose clusters say something about the classes."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        shape = rng.integers(4, 9, 2)
        clusters = np.kron(rng.integers(low, num_clusters, shape), np.ones((3, 3), int))
        noise = rng.integers(0, 3, clusters.shape)
        labels = np.where(rng.random(clusters.shape) < 0.7, clusters % 3, noise)
        labels[rng.random(clusters.shape) < 0.1] = 255
        yield clusters, labels


def by_pixels(images, lookup):
    """aAcc and IoU of each class over the pixels of all images."""
    lookup = np.asarray(lookup)
    true, found = [], []
    for clusters, labels in images:
        true.append(labels[labels != 255])
        found.append(lookup[clusters[labels != 255]])
    true, found = np.concatenate(true), np.concatenate(found)
    iou = [
        ((true == c) & (found == c)).sum() / ((true == c) | (found == c)).sum()
        for c in range(3)
    ]
    return 100 * (true == found).mean(), 100 * np.array(iou)


def pooled(images):
    return sum(confusion_matrix(labels, found, 3, 7) for found, labels in images)


def cards_of(images, num_cards):
    cards = CardCounts(3, 7, num_cards)
    for image in images:
        cards.add(*image)
    return cards.cluster_to_class()


def test_figures_equal_pixels_under_each_naming():
    scored, labeling = list(draw(0)), list(draw(1, count=2, low=2))
    rows = score_naming(iter(scored), 3, 7, labeling=iter(labeling), num_cards=1)
    expected = {
        ('one_to_one', SCORED): hungarian_match(pooled(scored)),
        ('majority', SCORED): majority_match(pooled(scored)),
        ('one_to_one', LABELING): hungarian_match(pooled(labeling)),
        ('majority', LABELING): majority_match(pooled(labeling)),
        ('cards', LABELING): cards_of(labeling, 1),
    }
    assert [(row.method, row.named_by) for row in rows] == list(expected)
    for row, lookup in zip(rows, expected.values(), strict=True):
        assert row.cluster_to_class.tolist() == lookup.tolist()
        accuracy, iou = by_pixels(scored, lookup)
        assert row.scores.aAcc == pytest.approx(accuracy)
        assert row.scores.iou == pytest.approx(iou)
        assert row.scores.mIoU == pytest.approx(iou.mean())
        assert row.num_unnamed == (lookup < 0).sum()
    # Clusters 0 and 1 are on no labeling image.
    assert [row.num_unnamed for row in rows] == [4, 0, 4, 2, 2]


def test_scored_images_name_where_there_are_no_others():
    scored = list(draw(2))
    rows = score_naming(iter(scored), 3, 7, num_cards=2)
    assert [(row.method, row.named_by) for row in rows] == [
        ('one_to_one', SCORED),
        ('majority', SCORED),
        ('cards', SCORED),
    ]
    assert rows[2].cluster_to_class.tolist() == cards_of(scored, 2).tolist()


def test_cards_read_no_label_but_their_own():
    """Cluster 0 is sky where it is big and road in most of its pixels."""
    big = np.zeros((1, 4), int), np.zeros((1, 4), int)
    small = [(np.zeros((1, 3), int), np.ones((1, 3), int)) for _ in range(5)]
    rows = score_naming([*small, big], 3, 1, num_cards=1)
    assert [row.cluster_to_class.tolist() for row in rows] == [[1], [1], [0]]
    assert rows[2].scores.aAcc == pytest.approx(100 * 4 / 19)


def test_nearest_fills_all_but_one_to_one():
    scored, labeling = list(draw(0)), list(draw(1, count=2, low=2))
    centroids = np.array([[2.1], [3.1], [2], [3], [4], [5], [6]])
    plain = score_naming(scored, 3, 7, labeling)
    rows = score_naming(scored, 3, 7, labeling, centroids=centroids)
    for row, before in zip(rows, plain, strict=True):
        assert row.num_unnamed == before.num_unnamed
        if row.method == 'one_to_one':
            assert row.cluster_to_class.tolist() == before.cluster_to_class.tolist()
            assert 'nearest' not in row.protocol
            continue
        filled = classes_of_nearest(before.cluster_to_class, centroids)
        assert row.cluster_to_class.tolist() == filled.tolist()
        assert 'nearest' in row.protocol
        assert row.scores.aAcc == pytest.approx(by_pixels(scored, filled)[0])
    assert (
        rows[4].cluster_to_class[:2].tolist() == rows[4].cluster_to_class[2:4].tolist()
    )


def test_clusters_that_are_not_scored_are_not_missed():
    labels = np.zeros((1, 2), int)
    rows = score_naming([(np.array([[0, 1]]), labels)], 2, 9)
    assert [row.num_unnamed for row in rows] == [1, 0, 0]


def test_groups_of_classes_are_scored():
    scored = list(draw(3))
    groups = dict(things=[0, 2], stuff=[1])
    row = score_naming(scored, 3, 7, partitions=groups)[1]
    _, iou = by_pixels(scored, row.cluster_to_class)
    assert row.groups['mIoU_things'] == pytest.approx(iou[[0, 2]].mean())
    assert row.groups['mIoU_stuff'] == pytest.approx(iou[1])


def test_names_of_a_person_are_scored_as_they_are():
    scored = list(draw(4))
    names = np.array([2, -1, 0, 1, 1, -1, 0])
    rows = score_naming(
        scored, 3, 7, num_cards=None, names=names, centroids=np.ones((7, 1))
    )
    assert [row.method for row in rows] == ['one_to_one', 'majority', 'names']
    accuracy, iou = by_pixels(scored, names)
    assert rows[2].scores.aAcc == pytest.approx(accuracy)
    assert rows[2].scores.iou == pytest.approx(iou)
    assert rows[2].num_unnamed == 2
    assert rows[2].named_by == 'a person'


def test_table_and_json_say_protocol_and_figures():
    image = np.array([[0, 0, 0, 1, 1, 1]]), np.array([[0, 0, 0, 1, 1, 0]])
    rows = score_naming([image], 3, 2, num_cards=4, partitions=dict(few=[0]))
    table = naming_table(rows, CLASSES)
    cards = next(line for line in table.splitlines() if '3 cards' in line)
    cells = [cell.strip() for cell in cards.strip('|').split('|')]
    # 5 of 6 pixels; sky 3 of 4, road 2 of 3; tree never occurs.
    assert cells[1:6] == ['83.3', '70.8', '75.0', '66.7', '-']
    assert cells[-1] == '0'
    assert 'up to 4 of the scored images' in table
    assert 'do not compare' in table
    content = json.loads(json.dumps([row.to_dict(CLASSES) for row in rows]))
    assert content[2]['IoU'] == {
        'sky': pytest.approx(75),
        'road': pytest.approx(200 / 3),
        'tree': None,
    }
    assert content[2]['aAcc'] == pytest.approx(500 / 6)
    assert content[0]['protocol'] != content[1]['protocol'] != content[2]['protocol']


def test_streams_without_labels_are_refused():
    empty = np.zeros((1, 2), int), np.full((1, 2), 255)
    some = np.zeros((1, 2), int), np.zeros((1, 2), int)
    with pytest.raises(InputError, match='no pixel of the scored images'):
        score_naming([empty], 2, 2)
    with pytest.raises(InputError, match='no pixel of the scored images'):
        score_naming([], 2, 2)
    with pytest.raises(InputError, match='no pixel of the labeling images'):
        score_naming([some], 2, 2, labeling=[empty])


def test_five_hundred_clusters_are_named_by_other_images():
    """Ids above 255 come as 16 bits."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 500)
    centroids = np.eye(3)[truth] + 0.01 * rng.random((500, 3))

    def images(clusters):
        for _ in range(6):
            ids = rng.choice(clusters, (20, 20)).astype(np.uint16)
            yield ids, truth[ids].astype(np.uint8)

    # The labeling images show the upper half alone.
    labeling, scored = images(np.arange(250, 500)), images(np.arange(500))
    rows = score_naming(
        scored, 3, 500, labeling=labeling, centroids=centroids, num_cards=None
    )
    assert [row.method for row in rows] == ['one_to_one', 'majority'] * 2
    assert rows[0].scores.aAcc < 5  # three of 500 clusters have a class
    assert rows[3].cluster_to_class.tolist() == truth.tolist()
    assert rows[3].num_unnamed > 200 and rows[3].scores.mIoU == 100
