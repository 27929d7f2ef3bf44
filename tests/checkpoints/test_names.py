"""What names mean, and which names nobody can mean."""

import numpy as np
import pytest

from mmseg_picie.checkpoints import ClusterName, Names
from mmseg_picie.errors import InputError
from mmseg_picie.models import cluster_meta

HASH = 'ab' * 32


def names_of(*entries, checkpoint=HASH):
    return Names(tuple(ClusterName(*entry) for entry in entries), checkpoint)


def test_classes_come_in_order_of_first_appearance_and_merge():
    names = names_of((5, 'sky'), (0, None), (2, 'road'), (1, 'sky'), (4, 'tree'))
    assert names.classes == ('sky', 'road', 'tree')
    assert names.complete(6).classes == ('sky', 'road', 'tree', 'cluster_3')
    assert names.complete(6).cluster_to_class(6) == [-1, 0, 1, 3, 2, 0]


@pytest.mark.parametrize('seed', range(5))
def test_lookup_equals_names_of_each_cluster(seed):
    rng = np.random.default_rng(seed)
    pool = [None, 'a', 'b', 'c']
    given = [(int(i), pool[rng.integers(4)]) for i in rng.permutation(9)[:6]]
    given.append((9, 'd'))
    names = names_of(*given).complete(10)
    looked_up = names.cluster_to_class(10)
    for cluster, name in {
        **{i: f'cluster_{i}' for i in range(10)},
        **dict(given),
    }.items():
        index = looked_up[cluster]
        assert (names.classes[index] if index >= 0 else None) == name
    assert set(looked_up) - {-1} == set(range(len(names.classes)))


def test_clusters_without_an_entry_are_listed_and_kept():
    names = names_of((1, 'sky'))
    assert names.unnamed(3) == [0, 2]
    assert names.complete(3).unnamed(3) == []
    assert names.complete(3).complete(3) == names.complete(3)
    with pytest.raises(ValueError, match='not complete for 3'):
        names.cluster_to_class(3)


def test_color_of_a_class_is_the_given_one_or_that_of_its_first_cluster():
    names = names_of((4, 'sky'), (2, 'road', '#0102ff'), (1, 'sky'), (0, 'road'))
    own = cluster_meta(5)['palette']
    assert names.palette == [own[4], [1, 2, 255]]


def test_given_colors_are_not_given_away():
    own = cluster_meta(4)['palette']
    taken = '#{:02x}{:02x}{:02x}'.format(*own[0])
    names = names_of((0, 'sky'), (3, 'road', taken), (1, 'tree'))
    assert names.palette == [own[1], own[0], own[2]]


def test_palettes_of_many_classes_differ():
    names = names_of((0, 'sky')).complete(255)
    assert len({tuple(color) for color in names.palette}) == 255


@pytest.mark.parametrize(
    'entries, words',
    [
        ([(3, 'sky'), (3, 'road')], 'cluster 3 has two entries'),
        ([(-1, 'sky')], 'integer >= 0, got -1'),
        ([(True, 'sky')], 'integer >= 0, got True'),
        ([(1.0, 'sky')], 'integer >= 0, got 1.0'),
        ([(0, '')], 'cluster 0 is empty.*null'),
        ([(0, '  ')], 'cluster 0 is empty'),
        ([(0, 'sky ')], "cluster 0 is 'sky '.*spaces"),
        ([(0, 'a\nb')], 'line breaks'),
        ([(0, 3)], 'cluster 0 must be text or null, got 3'),
        ([(0, 'Sky'), (5, 'sky')], "cluster 0 is 'Sky' and cluster 5 is 'sky'"),
        ([(0, 'cell wall'), (5, 'cell  wall')], 'the same but for case and spaces'),
        ([(0, 'caf\u00e9'), (1, 'cafe\u0301')], 'the same but for'),
        ([(0, 'sky', 'red')], "color of cluster 0 must be '#rrggbb'.*'red'"),
        ([(0, 'sky', '#fff')], "must be '#rrggbb'"),
        ([(0, None, 7)], "must be '#rrggbb'"),
        (
            [(0, 'sky', '#000001'), (5, 'sky', '#000002')],
            "clusters 0 and 5 are both 'sky', in #000001 and #000002",
        ),
        (
            [(0, 'sky', '#000001'), (5, 'road', '#000001')],
            r"'sky' \(cluster 0\) and 'road' \(cluster 5\) have one color",
        ),
    ],
)
def test_what_nobody_can_mean_is_refused(entries, words):
    with pytest.raises(InputError, match=words):
        names_of(*entries)


@pytest.mark.parametrize('checkpoint', ['', 'ab' * 31, 'AB' * 32, 'xy' * 32])
def test_what_is_no_hash_is_refused(checkpoint):
    with pytest.raises(InputError, match='64 hex digits'):
        names_of((0, 'sky'), checkpoint=checkpoint)


@pytest.mark.parametrize(
    'entries, num_clusters, words',
    [
        ([(4, 'sky')], 4, 'cluster 4 does not exist.*4 clusters, ids from 0 to 3'),
        ([(0, 'cluster_2')], 3, 'give cluster 2 an entry'),
        ([(0, None), (1, None)], 2, 'every cluster is ignored'),
        ([(0, 'sky')], 256, '256 classes are more than a mask can hold'),
    ],
)
def test_names_that_do_not_fit_are_refused(entries, num_clusters, words):
    with pytest.raises(InputError, match=words):
        names_of(*entries).complete(num_clusters)


def test_more_clusters_than_a_mask_holds_can_be_merged():
    names = names_of(*((i, f'c{i % 3}') for i in range(300))).complete(300)
    assert names.cluster_to_class(300) == [i % 3 for i in range(300)]


def test_clusters_to_split_are_no_classes_yet():
    names = Names((ClusterName(0, 'sky'),), HASH, split=(2,))
    assert names.classes == ('sky',)
    for of_names in (names.complete, lambda count: names.require_whole()):
        with pytest.raises(InputError, match='split holds 2: run mmseg-picie refine'):
            of_names(4)
    with pytest.raises(InputError, match='cluster 2 does not exist'):
        names.check_exist(2)
    names.check_exist(3)
