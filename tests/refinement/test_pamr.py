"""PAMR against its formula, pixel by pixel."""

import math

import pytest
import torch
from image_cases import colored_image, cut_case, random_case

from mmseg_picie.refinement import PAMR, refinement


def naive_pamr(shares, image, iterations, dilations):
    """Loops over pixels, neighbors and channels; lists of floats."""
    num_clusters, height, width = shares.shape

    def at(maps, channel, y, x):
        y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
        return float(maps[channel, y, x])

    steps = [(d * a, d * b) for d in dilations for a in (-1, 0, 1) for b in (-1, 0, 1)]
    pixels = [(y, x) for y in range(height) for x in range(width)]
    weights = {}
    for y, x in pixels:
        distances = {step: 0.0 for step in steps if step != (0, 0)}
        for channel in range(3):
            own = at(image, channel, y, x)
            values = [at(image, channel, y + a, x + b) for a, b in steps]
            mean = sum(values) / len(values)
            squares = sum((value - mean) ** 2 for value in values)
            deviation = math.sqrt(squares / (len(values) - 1))
            for a, b in distances:
                away = abs(at(image, channel, y + a, x + b) - own)
                distances[a, b] -= away / (0.1 * deviation + 1e-8) / 3
        total = sum(math.exp(value) for value in distances.values())
        weights[y, x] = {s: math.exp(v) / total for s, v in distances.items()}
    for _ in range(iterations):
        before, shares = shares, torch.zeros_like(shares)
        for channel in range(num_clusters):
            for y, x in pixels:
                shares[channel, y, x] = sum(
                    weight * at(before, channel, y + a, x + b)
                    for (a, b), weight in weights[y, x].items()
                )
    return shares


@pytest.mark.parametrize('dilations', [(1,), (1, 3), (2, 9)])
def test_pamr_is_the_formula(dilations):
    scores, images = random_case()
    pamr = PAMR(iterations=2, dilations=dilations, temperature=0.5)
    found = pamr(scores, images)
    for own, score, image in zip(found, scores, images, strict=True):
        expected = naive_pamr((score / 0.5).softmax(0), image, 2, dilations)
        assert torch.allclose(own, expected, atol=1e-6)


def test_chunks_change_nothing(monkeypatch):
    scores, images = random_case()
    whole = PAMR()(scores, images)
    chunks = refinement.cluster_chunks
    monkeypatch.setattr(
        'mmseg_picie.refinement.pamr.cluster_chunks', lambda s: chunks(s, 1)
    )
    assert torch.equal(PAMR()(scores, images), whole)


def test_border_goes_to_the_edge_of_the_image():
    scores, image, edge = cut_case()
    assert (PAMR()(scores, image).argmax(1) == edge).all()


def test_a_plain_image_leaves_a_plain_mask():
    image = colored_image(0.3, 0.3)
    scores = torch.zeros(1, 2, 16, 16)
    scores[:, 1] = 0.05
    found = PAMR()(scores, image)
    assert torch.allclose(found, (scores / 0.1).softmax(1), atol=1e-6)


@pytest.mark.parametrize(
    'options, said',
    [
        (dict(iterations=0), 'refine.iterations must be >= 1, got 0'),
        (dict(dilations=(0, 2)), 'refine.dilations must be >= 1, got 0'),
        (dict(dilations=()), 'refine.dilations must hold a number'),
        (dict(temperature=0.0), 'refine.temperature must be > 0, got 0.0'),
    ],
)
def test_what_cannot_be_meant_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        PAMR(**options)
