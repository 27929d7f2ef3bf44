"""Masks that an image's features propose: the loop of the paper, and drawn features."""

import math

import pytest
import torch
import torch.nn.functional as F
from sklearn.decomposition import PCA

from mmseg_picie.clustering import mask_means, mask_proposals, points_of_masks
from mmseg_picie.clustering.mask_proposals import principal_axis


def blocks(*sizes, dim=6, noise=0.05):
    """Points near one axis each, in order, and which."""
    g = torch.Generator().manual_seed(0)
    which = torch.cat([torch.full((s,), i) for i, s in enumerate(sizes)])
    return torch.eye(dim)[which] + noise * torch.randn(
        len(which), dim, generator=g
    ), which


def naive(points, threshold, coverage):
    """The same in lists, with scikit-learn's PCA."""
    points = points.double()
    left, masks = list(range(len(points))), [-1] * len(points)

    def cosine(a, b):
        return float(a @ b) / math.sqrt(float(a @ a) * float(b @ b))

    mask = 0
    while len(points) - len(left) < coverage * len(points):
        if len(left) > 1:
            axis = PCA(1).fit(points[left].numpy()).components_[0]
            axis = torch.from_numpy(axis.copy())
        else:
            axis = points[left[0]]
        chosen = max(left, key=lambda i: abs(cosine(points[i], axis)))
        taken = [i for i in left if cosine(points[i], points[chosen]) >= threshold]
        for i in taken:
            masks[i] = mask
        left = [i for i in left if i not in taken]
        mask += 1
    return masks


@pytest.mark.parametrize('threshold', [0.2, 0.6, 0.95])
@pytest.mark.parametrize('coverage', [0.7, 1.0])
def test_masks_are_those_of_the_naive_loop(threshold, coverage):
    points = torch.randn(60, 5, generator=torch.Generator().manual_seed(3))
    points = F.normalize(points, dim=1)
    found = mask_proposals(points, threshold, coverage)
    assert found.tolist() == naive(points, threshold, coverage)


def test_things_of_an_image_are_a_mask_each():
    points, which = blocks(50, 30, 20)
    found = mask_proposals(points)
    # What has most of the variance comes first.
    pairs = set(zip(which.tolist(), found.tolist(), strict=True))
    assert len(pairs) == 3 and {mask for _, mask in pairs} == {0, 1, 2}


def test_the_last_few_points_have_no_mask():
    points, which = blocks(60, 37, 3)
    found = mask_proposals(points)
    assert (found[which == 2] == -1).all() and (found[which < 2] >= 0).all()
    assert (mask_proposals(points, coverage=1.0) >= 0).all()


def test_axis_is_that_of_scikit_learn():
    points = torch.randn(40, 5, generator=torch.Generator().manual_seed(1)).double()
    expected = torch.from_numpy(PCA(1).fit(points.numpy()).components_[0].copy())
    assert abs(float(principal_axis(points) @ expected)) == pytest.approx(1, abs=1e-10)


def test_equal_points_are_one_mask():
    assert mask_proposals(torch.ones(5, 3) / 3).tolist() == [0] * 5


def test_points_of_no_length_have_no_mask():
    points = torch.zeros(4, 3)
    assert mask_proposals(points).tolist() == [-1] * 4
    points[0, 0] = 1
    assert mask_proposals(points).tolist() == [0, -1, -1, -1]


def test_no_points_have_no_masks():
    nothing = torch.zeros(0, 3)
    assert mask_proposals(nothing).shape == (0,)
    assert mask_means(nothing, mask_proposals(nothing)).shape == (0, 3)


def test_noise_ends_at_the_most_masks():
    points = torch.eye(20)
    assert mask_proposals(points, most_masks=7).max() == 6


def test_threshold_of_one_takes_points_one_by_one():
    points = torch.randn(9, 4, generator=torch.Generator().manual_seed(0))
    found = mask_proposals(points, threshold=1.0, coverage=1.0)
    assert sorted(found.tolist()) == list(range(9))


def test_means_are_of_the_points_of_a_mask():
    points = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 2.0], [5.0, 5.0]])
    masks = torch.tensor([1, 1, 0, -1])
    assert mask_means(points, masks).tolist() == [[0.0, 2.0], [2.0, 0.0]]
    voted = points_of_masks(points, masks)
    assert voted.tolist() == [[2.0, 0.0], [2.0, 0.0], [0.0, 2.0], [5.0, 5.0]]
    assert points[0, 0] == 1  # not in place


@pytest.mark.parametrize(
    'options, said',
    [
        (dict(threshold=0.0), r'threshold must lie in \(0, 1\], got 0.0'),
        (dict(threshold=1.5), r'threshold must lie in \(0, 1\], got 1.5'),
        (dict(coverage=0.0), r'coverage must lie in \(0, 1\], got 0.0'),
        (dict(most_masks=0), 'most_masks must be >= 1, got 0'),
    ],
)
def test_what_cannot_be_meant_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        mask_proposals(torch.ones(3, 2), **options)
