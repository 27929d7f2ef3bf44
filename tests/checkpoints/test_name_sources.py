"""Names from a command line and from labels."""

import numpy as np
import pytest

from mmseg_picie.checkpoints import (
    ClusterName,
    Names,
    names_by_majority,
    names_from_settings,
)
from mmseg_picie.errors import InputError

HASH = 'cd' * 32


def from_settings(settings, ignore=(), num_clusters=8, base=None):
    names = names_from_settings(settings, HASH, num_clusters, ignore, base)
    assert names.checkpoint == HASH
    return [(entry.id, entry.name) for entry in names.clusters]


def test_settings_name_merge_and_ignore():
    settings = ['3=nucleus', '1, 4 = cell wall', '0=a=b']
    expected = [(3, 'nucleus'), (1, 'cell wall'), (4, 'cell wall'), (0, 'a=b')]
    assert from_settings(settings) == expected
    assert from_settings(settings, ['7', '5,6']) == [
        *expected,
        (7, None),
        (5, None),
        (6, None),
    ]


def test_rest_is_all_that_has_no_name():
    base = Names((ClusterName(2, 'sky'),), HASH)
    found = from_settings(['0=road'], ['rest'], 4, base)
    assert found == [(2, 'sky'), (0, 'road'), (1, None), (3, None)]


def test_settings_change_what_a_file_says():
    base = Names((ClusterName(2, 'sky', '#000001'), ClusterName(1, 'road')), HASH)
    names = names_from_settings(['2=tree'], HASH, 4, ['1'], base)
    assert names.clusters == (ClusterName(2, 'tree'), ClusterName(1, None))


@pytest.mark.parametrize(
    'settings, ignore, words',
    [
        (['nucleus'], [], '--set nucleus: expected IDS=NAME'),
        (['3='], [], '--set 3=: expected IDS=NAME'),
        (['=a'], [], "'' is no cluster id"),
        (['x=a'], [], "--set x=a: 'x' is no cluster id"),
        (['1,,2=a'], [], "'' is no cluster id"),
        (['-1=a'], [], "'-1' is no cluster id"),
        (['\u0663=a'], [], 'is no cluster id'),
        (['8=a'], [], 'cluster 8 does not exist.*8 clusters, ids from 0 to 7'),
        (['1=a', '1=b'], [], '--set 1=b: cluster 1 is given twice'),
        (['1,1=a'], [], 'cluster 1 is given twice'),
        (['1=a'], ['1'], '--ignore 1: cluster 1 is given twice'),
        ([], ['8'], '--ignore 8: cluster 8 does not exist'),
        ([], ['all'], "'all' is no cluster id"),
        (['1=a', '2=A'], [], 'the same but for case'),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, ignore, words):
    with pytest.raises(InputError, match=words):
        from_settings(settings, ignore)


CONFUSION = np.array([[0, 9, 1, 0, 0], [0, 2, 5, 0, 3], [0, 0, 0, 0, 0]])
CENTROIDS = np.array([[5.0], [0.0], [4.0], [1.0], [9.0]])


def by_majority(unseen, **kwargs):
    names, without = names_by_majority(
        CONFUSION, ['sky', 'road', 'tree'], HASH, unseen=unseen, **kwargs
    )
    assert without == [0, 3]
    return names


def test_majority_names_and_nearest_fills():
    names = by_majority('nearest', centroids=CENTROIDS)
    # 0 lies beside 2 (road), 3 beside 1 (sky); tree has no cluster.
    assert names.classes == ('sky', 'road')
    assert names.cluster_to_class(5) == [1, 0, 1, 0, 1]


def test_unseen_clusters_are_ignored_or_kept_where_asked():
    assert by_majority('ignore').cluster_to_class(5) == [-1, 0, 1, -1, 1]
    names = by_majority('keep')
    assert names.unnamed(5) == [0, 3]
    assert names.complete(5).classes == ('sky', 'road', 'cluster_0', 'cluster_3')


def test_classes_keep_the_order_of_the_labels():
    names, without = names_by_majority(
        np.eye(3, dtype=int)[::-1], ['a', 'b', 'c'], HASH
    )
    assert names.classes == ('a', 'b', 'c')
    assert names.cluster_to_class(3) == [2, 1, 0]
    assert without == []


def test_colors_are_those_of_the_labels():
    palette = [[1, 2, 3], (1, 2, 3), np.array([255, 0, 16])]
    names, _ = names_by_majority(np.eye(3, dtype=int), list('abc'), HASH, palette)
    colors = [entry.color for entry in names.clusters]
    assert colors == ['#010203', None, '#ff0010']


@pytest.mark.parametrize(
    'confusion, classes, options, words',
    [
        (CONFUSION, 'abc', dict(unseen='guess'), "must be one of .*'guess'"),
        (CONFUSION, 'abc', {}, 'needs the centroids'),
        (CONFUSION, 'ab', {}, 'confusion has 3 classes, classes names 2'),
        (np.zeros((3, 5), int), 'abc', {}, 'no pixel .* has a class'),
    ],
)
def test_labels_that_cannot_name_are_refused(confusion, classes, options, words):
    with pytest.raises(InputError, match=words):
        names_by_majority(confusion, list(classes), HASH, **options)


def test_rest_names_all_clusters_that_are_not_mentioned():
    names = names_from_settings(
        ['1,4=cell', 'rest=ground'], 64 * '0', num_clusters=6, ignore=['5']
    )
    assert names.classes == ('cell', 'ground')
    assert names.cluster_to_class(6) == [1, 0, 1, 1, 0, -1]
    with pytest.raises(InputError, match='rest is named'):
        names_from_settings(['rest=a'], 64 * '0', num_clusters=6, ignore=['rest'])


def test_settings_do_not_hide_clusters_to_split():
    base = Names((ClusterName(0, 'cell'),), HASH, split=(2,))
    with pytest.raises(InputError, match='mmseg-picie refine'):
        names_from_settings(['1=cell'], HASH, num_clusters=4, base=base)
