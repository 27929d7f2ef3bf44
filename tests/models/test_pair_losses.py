"""Losses over pairs of images against their formulas, pair by pair."""

import pytest
import torch
from pair_case import LOSSES, SHIFTS, WEIGHTS, P, Q, case, codes_of

from mmseg_picie.errors import InputError
from mmseg_picie.models import ImagePairs, SmoothnessLoss, STEGOLoss


def cosine(one, two):
    return one @ two / one.norm() / two.norm()


def likeness(pairs, center):
    """F of all pairs of points, by its definition."""
    first, second = pairs.features
    n = len(first)
    plain = [
        [[cosine(first[i, p], second[i, q]) for q in range(Q)] for p in range(P)]
        for i in range(n)
    ]
    if not center:
        return plain
    mean = sum(v for image in plain for row in image for v in row) / (n * P * Q)
    return [
        [[value - sum(row) / Q + mean for value in row] for row in image]
        for image in plain
    ]


def stego_cost(attraction, one, two):
    """-(F - b) max(S, 0)."""
    return -attraction * max(cosine(one, two), torch.zeros(()).double())


def smoothness_cost(attraction, one, two):
    """(F - b) (1 - Y)."""
    return attraction * (1 - cosine(one, two))


COSTS = {STEGOLoss: stego_cost, SmoothnessLoss: smoothness_cost}


def test_every_loss_has_a_formula():
    assert set(COSTS) == set(LOSSES)


def naive(kind_of_loss, pairs, center=True):
    """The loss pair by pair of points."""
    terms = {}
    for kind, batches in pairs.items():
        means = []
        for item in batches:
            found = likeness(item, center)
            first, second = item.codes
            costs = [
                COSTS[kind_of_loss](
                    found[i][p][q] - SHIFTS[kind], first[i, p], second[i, q]
                )
                for i in range(len(first))
                for p in range(P)
                for q in range(Q)
            ]
            means.append(sum(costs) / len(costs))
        terms[f'loss_{kind}'] = WEIGHTS[kind] * sum(means) / len(means)
    return terms


@pytest.mark.parametrize('center', [True, False])
@pytest.mark.parametrize('kind', COSTS)
def test_values_and_gradients_equal_the_formula(kind, center):
    pairs = case()
    codes = codes_of(pairs)
    losses = kind(WEIGHTS, SHIFTS, center=center)(pairs)
    expected = naive(kind, pairs, center)
    assert losses.keys() == expected.keys()
    for name, value in expected.items():
        assert losses[name].item() == pytest.approx(value.item(), rel=1e-6)
    gradients = torch.autograd.grad(sum(losses.values()), codes)
    by_formula = torch.autograd.grad(sum(expected.values()), codes)
    for one, two in zip(gradients, by_formula, strict=True):
        assert two.any()
        torch.testing.assert_close(one, two, rtol=1e-6, atol=1e-12)


def test_features_get_no_gradient():
    pairs = case()
    for batches in pairs.values():
        for item in batches:
            for features in item.features:
                features.requires_grad_()
            for codes in item.codes:
                codes.requires_grad_()
    sum(STEGOLoss(WEIGHTS, SHIFTS)(pairs).values()).backward()
    assert all(f.grad is None for b in pairs.values() for i in b for f in i.features)


def test_a_kind_without_weight_is_not_computed():
    loss = STEGOLoss(dict(WEIGHTS, neighbor=0.0), SHIFTS)
    assert loss.kinds == ('self', 'random')
    assert loss(case(loss.kinds)).keys() == {'loss_self', 'loss_random'}


def test_half_precision_outside_changes_nothing():
    pairs = {
        kind: [
            ImagePairs(
                tuple(f.float() for f in item.features),
                tuple(c.float() for c in item.codes),
            )
            for item in batches
        ]
        for kind, batches in case().items()
    }
    plain = STEGOLoss(WEIGHTS, SHIFTS)(pairs)
    with torch.autocast('cpu', torch.bfloat16):
        cast = STEGOLoss(WEIGHTS, SHIFTS)(pairs)
    assert all(torch.equal(plain[name], cast[name]) for name in plain)


def test_what_is_alike_and_together_costs_less_than_nothing():
    loss = STEGOLoss(dict(self=1.0), dict(self=0.1))
    points = torch.eye(2).expand(1, 2, 2)
    (value,) = loss({'self': [ImagePairs((points,) * 2, (points,) * 2)]}).values()
    # Likeness of a point with itself 1, with the other 0; the means are 1/2.
    assert value.item() == pytest.approx(-(1 - 0.1) / 2)
    assert 'below 0' in loss.below_zero


@pytest.mark.parametrize(
    'weights, shifts, words',
    [
        (dict(other=1.0), {}, r"weights has no \['other'\]"),
        (dict(self=1.0), dict(selve=1.0), r"shifts has no \['selve'\]"),
        (dict(self=-1.0), dict(self=0.0), 'weights.self must be >= 0, got -1.0'),
        (dict(self=1.0), dict(random=0.0), 'shifts has no self, which has a weight'),
        (dict(self=0.0), dict(self=0.0), 'weights has none above 0'),
    ],
)
def test_bad_options_are_named(weights, shifts, words):
    with pytest.raises(InputError, match=f'STEGOLoss.{words}'):
        STEGOLoss(weights, shifts)
