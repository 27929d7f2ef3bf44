"""The guided filter against its formula, window by window."""

import pytest
import torch
import torch.nn.functional as F
from image_cases import cut_case, random_case

from mmseg_picie.refinement import GuidedFilter, box_mean, refinement


def naive_mean(maps, y, x, radius):
    """Mean of (..., H, W) over a window."""
    rows = slice(max(y - radius, 0), y + radius + 1)
    columns = slice(max(x - radius, 0), x + radius + 1)
    return maps[..., rows, columns].flatten(-2).mean(-1)


def naive_filter(share, guide, radius, epsilon):
    """One window after the other: a least-squares fit with a penalty on the slope."""
    height, width = share.shape
    slope, offset = torch.zeros_like(guide), torch.zeros_like(share)
    for y in range(height):
        for x in range(width):
            rows = slice(max(y - radius, 0), y + radius + 1)
            columns = slice(max(x - radius, 0), x + radius + 1)
            colors = guide[:, rows, columns].flatten(1)
            shares = share[rows, columns].flatten()
            centered = colors - colors.mean(1, keepdim=True)
            count = len(shares)
            left = centered @ centered.T / count + epsilon * torch.eye(len(guide))
            right = centered @ (shares - shares.mean()) / count
            slope[:, y, x] = torch.linalg.solve(left, right)
            offset[y, x] = shares.mean() - slope[:, y, x] @ colors.mean(1)
    result = torch.zeros_like(share)
    for y in range(height):
        for x in range(width):
            line = naive_mean(slope, y, x, radius) @ guide[:, y, x]
            result[y, x] = line + naive_mean(offset, y, x, radius)
    return result


@pytest.mark.parametrize('radius', [1, 3, 20])
@pytest.mark.parametrize('guide', ['color', 'gray'])
def test_filter_is_the_formula(radius, guide):
    scores, images = random_case()
    guided = GuidedFilter(radius=radius, epsilon=0.02, guide=guide, temperature=0.5)
    found = guided(scores, images)
    assert torch.allclose(found.sum(1), torch.ones(1, dtype=found.dtype))
    for own, score, image in zip(found, scores, images, strict=True):
        image = image if guide == 'color' else image.mean(0, keepdim=True)
        for refined, share in zip(own, (score / 0.5).softmax(0), strict=True):
            expected = naive_filter(share, image.double(), radius, 0.02)
            assert torch.allclose(refined, expected, atol=1e-6)


@pytest.mark.parametrize('radius', [1, 4, 30])
def test_box_mean_is_that_of_each_window(radius):
    maps = torch.rand(2, 6, 11, dtype=torch.float64)
    found = box_mean(maps, radius)
    for y in range(6):
        for x in range(11):
            assert torch.allclose(found[:, y, x], naive_mean(maps, y, x, radius))


def test_chunks_change_nothing(monkeypatch):
    scores, images = random_case()
    whole = GuidedFilter()(scores, images)
    chunks = refinement.cluster_chunks
    monkeypatch.setattr(
        'mmseg_picie.refinement.guided_filter.cluster_chunks', lambda s: chunks(s, 1)
    )
    assert torch.allclose(GuidedFilter()(scores, images), whole, atol=1e-12)


@pytest.mark.parametrize('guide', ['color', 'gray'])
def test_border_goes_to_the_edge_of_the_image(guide):
    scores, image, edge = cut_case()
    assert (GuidedFilter(guide=guide)(scores, image).argmax(1) == edge).all()


def test_gray_does_not_see_an_edge_of_one_brightness():
    scores, image, edge = cut_case()
    image = torch.where(edge[None, None] > 0, 0.2, 0.8).repeat(1, 3, 1, 1)
    image[:, 2] = 1 - image[:, 0]
    image[:, 1] = 0.5
    assert (GuidedFilter()(scores, image).argmax(1) == edge).all()
    # Without an edge to see, the slope is 0 and the mean of means is left.
    shares = F.interpolate(scores, (16, 16), mode='bilinear').div(0.1).softmax(1)
    expected = box_mean(box_mean(shares.double(), 8), 8).float()
    found = GuidedFilter(guide='gray')(scores, image)
    assert torch.allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize(
    'options, said',
    [
        (dict(radius=0), 'refine.radius must be >= 1, got 0'),
        (dict(epsilon=0.0), 'refine.epsilon must be > 0, got 0.0'),
        (dict(guide='grey'), "refine.guide must be one of .* got 'grey'"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        GuidedFilter(**options)
