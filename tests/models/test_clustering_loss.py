"""ClusteringLoss: its value by the plain formula."""

import math

import pytest
import torch
from loss_case import D, arguments, make_case

from mmseg_picie.models import Clustering, ClusteringLoss


@pytest.fixture
def case():
    return make_case()


def score(z, c, rule):
    if rule == 'dot':
        return float(z @ c)
    if rule == 'cosine':
        return float(z @ c / c.norm())
    return float(-0.5 * (z - c).square().sum())  # = z.c - |c|^2/2 up to a constant


def naive(case, rule='euclidean', temperature=1.0, weighting='none'):
    """The four terms of PiCIE's loss, pixel by pixel in Python floats."""
    points, labels, centroids, sizes = case
    terms = []
    for view, target in ((0, 0), (1, 1), (0, 1), (1, 0)):
        share = sizes[target] / sizes[target].sum()
        total = norm = 0.0
        for z, y in zip(points[view].double(), labels[target].tolist(), strict=True):
            if y < 0:
                continue
            weight = dict(
                none=1.0,
                frequency=share[y].item(),
                inverse_sqrt=share[y].item() ** -0.5,
            )[weighting]
            scores = [
                score(z, c, rule) / temperature for c in centroids[target].double()
            ]
            log_sum = math.log(sum(math.exp(s) for s in scores))
            total += weight * (log_sum - scores[y])
            norm += weight
        terms.append(total / norm)
    return (terms[0] + terms[1]) / 4, (terms[2] + terms[3]) / 4


@pytest.mark.parametrize('rule', ['euclidean', 'dot', 'cosine'])
@pytest.mark.parametrize('weighting', ['none', 'frequency', 'inverse_sqrt'])
def test_loss_equals_the_formula(case, rule, weighting):
    loss = ClusteringLoss(rule, temperature=0.7, cluster_weight=weighting)
    output = loss(*arguments(case))
    within, cross = naive(case, rule, 0.7, weighting)
    assert output['loss_within'].item() == pytest.approx(within, rel=1e-5)
    assert output['loss_cross'].item() == pytest.approx(cross, rel=1e-5)


def test_gradient_equals_finite_differences(case):
    points, labels, centroids, sizes = case
    points = [p.clone().requires_grad_() for p in points]
    loss = ClusteringLoss(cluster_weight='frequency', temperature=0.5)
    total = sum(loss(*arguments((points, labels, centroids, sizes))).values())
    gradient = torch.autograd.grad(total, points)
    step = 1e-4
    for view, row, column in ((0, 3, 1), (1, 7, 4)):
        values = []
        for sign in (1, -1):
            moved = [p.detach().double() for p in points]
            moved[view][row, column] += sign * step
            values.append(
                sum(
                    naive(
                        (moved, labels, centroids, sizes), 'euclidean', 0.5, 'frequency'
                    )
                )
            )
        # The naive euclidean score also moves with |z|^2, the same for all clusters.
        expected = (values[0] - values[1]) / (2 * step)
        assert gradient[view][row, column].item() == pytest.approx(expected, abs=1e-6)


def test_ignored_pixels_do_not_count(case):
    points, labels, centroids, sizes = case
    masked = [y.clone() for y in labels]
    for y in masked:
        y[::3] = -1
    loss = ClusteringLoss(cluster_weight='inverse_sqrt')
    got = loss(*arguments((points, masked, centroids, sizes)))
    within, cross = naive((points, masked, centroids, sizes), weighting='inverse_sqrt')
    assert got['loss_within'].item() == pytest.approx(within, rel=1e-5)
    assert got['loss_cross'].item() == pytest.approx(cross, rel=1e-5)


def test_no_points_give_zero(case):
    _, _, centroids, sizes = case
    empty = torch.zeros(0, D), torch.zeros(0, D)
    labels = (torch.zeros(0, dtype=torch.int64),) * 2
    output = ClusteringLoss()(empty, [Clustering(labels, centroids, sizes)])
    assert all(value.item() == 0 for value in output.values())


def test_factors_scale_their_part(case):
    whole = ClusteringLoss()(*arguments(case))
    half = ClusteringLoss(within=0.5, cross=0.0)(*arguments(case))
    assert half['loss_within'] == 0.5 * whole['loss_within']
    assert half['loss_cross'] == 0


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('rule', 'l1'),
        ('cluster_weight', 'inverse'),
        ('cross_loss', 'cosine'),
        ('temperature', 0),
    ],
)
def test_bad_option_is_named(option, value):
    with pytest.raises(ValueError, match=option):
        ClusteringLoss(**{option: value})
