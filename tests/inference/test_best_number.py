"""Curves drawn by hand: where a score singles out a K, and where it must not."""

import itertools
import statistics

import numpy as np
import pytest
import torch

from mmseg_picie.inference.best_number import WITH_K, best_number
from mmseg_picie.scores import label_free_scores, nearest_neighbors


def curve(*means, noise=(-0.1, 0.0, 0.1)):
    """By K = 4, 8, 12, ...: a mean and the seeds around it."""
    return {
        4 * (index + 1): [mean + part for part in noise]
        for index, mean in enumerate(means)
    }


@pytest.mark.parametrize('name', ['silhouette', 'size_entropy', 'seed_agreement'])
def test_a_peak_above_the_spread_is_singled_out(name):
    assert best_number(name, curve(10, 20, 15, 12)) == (8, '')


@pytest.mark.parametrize('order', list(itertools.permutations(range(4))))
def test_order_of_the_list_does_not_matter(order):
    rising = list(curve(10, 12, 15, 20).items())
    shuffled = dict(rising[index] for index in order)
    assert best_number('silhouette', shuffled)[0] is None


@pytest.mark.parametrize(
    ('means', 'way'),
    [
        ((10, 12, 15), 'rises'),
        ((15, 12, 10), 'falls'),
        ((10, 15, 15), 'rises'),
        ((10, 10, 10), 'does not change'),
    ],
)
def test_monotone_curves_crown_none(means, way):
    assert best_number('silhouette', curve(*means)) == (
        None,
        f'{way} with K over the whole list',
    )


def test_spread_over_the_seeds_that_covers_the_differences_crowns_none():
    peak = (10, 14, 13, 9)  # K = 8 is ahead of K = 12 by 1
    narrow, wide = (-0.4, 0.0, 0.4), (-0.6, 0.0, 0.6)
    assert statistics.stdev(narrow) * 2 < 1 < statistics.stdev(wide) * 2
    assert best_number('silhouette', curve(*peak, noise=narrow)) == (8, '')
    assert best_number('silhouette', curve(*peak, noise=wide)) == (
        None,
        'the seeds differ as much as K=8 and K=12 do',
    )


def test_noisy_rival_counts_though_its_mean_is_lower():
    values = curve(10, 14, 13, 12, noise=(-0.1, 0.0, 0.1))
    values[16] = [4, 12, 20]
    assert best_number('silhouette', values)[1].endswith('K=8 and K=16 do')


def test_scores_that_go_with_k_are_never_crowned():
    for name, way in WITH_K.items():
        assert best_number(name, curve(10, 20, 15, 12)) == (
            None,
            f'{way} with K whatever the data are',
        )


@pytest.mark.parametrize(
    ('name', 'values', 'reason'),
    [
        ('silhouette', curve(10, 20), 'needs 3 or more K'),
        ('silhouette', curve(10, 20, 15, noise=(0,)), 'needs 2 or more seeds'),
        ('seed_agreement', curve(10, 20, 15, noise=(0, 0)), 'needs 3 or more seeds'),
        ('silhouette', {4: [1.0, 2.0], 8: [None, None], 12: [1, 1]}, 'is not there'),
    ],
)
def test_what_is_missing_is_said(name, values, reason):
    best, why = best_number(name, values)
    assert best is None and why.startswith(reason)


def test_spread_of_the_agreement_is_that_of_the_pairs():
    # Three seeds: pairs agree by 70, 80, 90; a seed has the mean of its two pairs.
    pairs = {(0, 1): 70, (0, 2): 80, (1, 2): 90}
    seeds = [
        statistics.mean(value for pair, value in pairs.items() if seed in pair)
        for seed in range(3)
    ]
    spread = statistics.stdev(pairs.values())  # 10
    calm = [50.0] * 3
    ahead = 80 - (spread + 0.1)
    behind = 80 - (spread - 0.1)
    assert best_number('seed_agreement', {4: calm, 8: seeds, 12: [ahead] * 3}) == (
        8,
        '',
    )
    assert (
        best_number('seed_agreement', {4: calm, 8: seeds, 12: [behind] * 3})[0] is None
    )


def test_scores_that_go_with_k_do_so_on_points_without_clusters():
    rng = np.random.default_rng(0)
    cloud = torch.from_numpy(rng.normal(size=(1200, 2)))
    views = [cloud + 0.1 * torch.from_numpy(rng.normal(size=(1200, 2))) for _ in 'ab']
    neighbors = nearest_neighbors(
        torch.cat([cloud, torch.ones(1200, 1)], 1), torch.arange(1200), 5
    )
    found = {name: [] for name in WITH_K}
    for bins in (2, 4, 8):  # bins x bins cells of equal mass: clusters of nothing
        edges = torch.quantile(
            cloud[:, 0], torch.linspace(0, 1, bins + 1)[1:-1].double()
        )

        def cells(points, edges=edges, bins=bins):
            x, y = (torch.bucketize(points[:, i].contiguous(), edges) for i in (0, 1))
            return bins * x + y

        scores = label_free_scores(
            cloud, cells(cloud), tuple(map(cells, views)), neighbors, bins**2
        )
        for name in WITH_K:
            found[name].append(scores[name])
    for name, way in WITH_K.items():
        steps = np.diff(found[name])
        assert (steps > 0).all() if way == 'rises' else (steps < 0).all()
