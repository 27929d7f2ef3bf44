"""The loss that keeps pixels together whose features are alike."""

import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.models.losses.correspondence_loss import CorrespondenceLoss

N, D, SIDE, P = 3, 5, 4, 6


def unit_maps(count, images=N, dtype=torch.float64):
    g = torch.Generator().manual_seed(0)
    return tuple(
        F.normalize(torch.randn(images, D, SIDE, SIDE, generator=g, dtype=dtype), dim=1)
        for _ in range(count)
    )


def all_valid(images=N, ignored=0):
    valid = torch.ones(images * SIDE * SIDE, dtype=torch.bool)
    valid[:ignored] = False
    return valid


def draws(images):
    """The cells of each image and the shift between images, drawn as the loss does."""
    torch.manual_seed(0)
    cells = torch.randint(SIDE * SIDE, (images, P))
    return cells.tolist(), int(torch.randint(1, max(images, 2), ()))


def naive(embeddings, features, valid, positive, weight):
    """The formula pair by pair."""
    images = len(embeddings[0])
    cells, shift = draws(images)
    valid = valid.view(images, SIDE * SIDE)

    def vector(maps, image, cell):
        return maps[image, :, cell // SIDE, cell % SIDE]

    def alike(image, p, other, q):
        one, two = (
            sum(vector(maps, i, cell) for maps in features)
            for i, cell in ((image, p), (other, q))
        )
        return one @ two / one.norm() / two.norm()

    def pairs(step):
        return [
            (image, p, (image - step) % images, q)
            for image in range(images)
            for p in cells[image]
            for q in cells[(image - step) % images]
            if valid[image, p] and valid[(image - step) % images, q]
        ]

    kinds = [pairs(0)]
    if images > 1 and pairs(shift):
        kinds.append(pairs(shift))
    # Pairs of two images where there are some, else pairs of two pixels.
    apart = [pair for pair in kinds[-1] if pair[:2] != pair[2:]]
    threshold = torch.quantile(torch.stack([alike(*p) for p in apart]), 1 - positive)
    loss = 0
    for kind in kinds:
        gains = [
            (alike(image, p, other, q) - threshold)
            * (vector(embeddings[0], image, p) @ vector(embeddings[1], other, q)).clamp(
                min=0
            )
            for image, p, other, q in kind
        ]
        loss = loss - weight * sum(gains) / len(gains) / 2
    return loss


# 16 ignored pixels are a whole image: then one image alone has pairs.
@pytest.mark.parametrize(
    'images, ignored',
    [(1, 0), (1, 5), (2, 0), (2, 5), (2, 16), (N, 0), (N, 5), (N, 32)],
)
@pytest.mark.parametrize('positive', [None, 0.4])
def test_loss_and_gradient_equal_the_formula(images, ignored, positive):
    maps, valid = unit_maps(4, images), all_valid(images, ignored)
    embeddings = [m.requires_grad_() for m in maps[:2]]
    expected = naive(embeddings, maps[2:], valid, positive or 1 / 7, 0.5)
    loss = CorrespondenceLoss(weight=0.5, num_points=P, positive=positive)
    torch.manual_seed(0)
    value = loss(embeddings, maps[2:], valid, num_clusters=7)
    assert value.item() == pytest.approx(expected.item(), rel=1e-6)
    for gradient, by_formula in zip(
        torch.autograd.grad(value, embeddings),
        torch.autograd.grad(expected, embeddings),
        strict=True,
    ):
        assert by_formula.any()
        torch.testing.assert_close(gradient, by_formula, rtol=1e-6, atol=1e-12)


def test_learning_draws_alike_pixels_together_and_others_apart():
    # Features of two kinds, embeddings without any order.
    kinds = torch.arange(N * SIDE * SIDE).view(N, 1, SIDE, SIDE) % 2
    features = F.normalize(torch.cat([kinds, 1 - kinds], 1).float(), dim=1)
    codes = torch.randn(N, D, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    codes.requires_grad_()
    loss, valid = CorrespondenceLoss(num_points=30, positive=0.5), torch.ones(48).bool()
    optimizer = torch.optim.Adam([codes], lr=0.1)
    torch.manual_seed(0)
    for _ in range(150):
        unit = F.normalize(codes, dim=1)
        optimizer.zero_grad()
        loss((unit, unit), (features, features), valid, 2).backward()
        optimizer.step()
    points = F.normalize(codes.detach(), dim=1).permute(0, 2, 3, 1).flatten(0, 2)
    cosines, same = points @ points.T, kinds.flatten()[:, None] == kinds.flatten()
    assert cosines[same].min() > 0.9
    assert cosines[~same].max() < 0.1


def test_what_belongs_together_and_is_together_costs_less_than_nothing():
    # Half of all pairs are alike (1), half are not (0); b is 0, as of 4 in 10 pairs.
    kinds = torch.arange(N * SIDE * SIDE).view(N, 1, SIDE, SIDE) % 2
    known = torch.cat([kinds, 1 - kinds], 1).double()
    loss = CorrespondenceLoss(num_points=50, positive=0.6)
    value = loss((known, known), (known, known), all_valid(), 2)
    assert value < 0
    assert 'below 0' in loss.below_zero


@pytest.mark.parametrize('images', [1, N])
def test_no_valid_pixel_has_no_loss_and_no_gradient(images):
    maps = unit_maps(4, images)
    maps[0].requires_grad_()
    valid = all_valid(images, ignored=images * SIDE * SIDE)
    value = CorrespondenceLoss(num_points=P)(maps[:2], maps[2:], valid, 4)
    value.backward()
    assert value.item() == 0
    assert not maps[0].grad.any()


def test_autocast_changes_nothing():
    maps, valid = unit_maps(4, dtype=torch.float32), all_valid()
    loss, values = CorrespondenceLoss(num_points=P), []
    for enabled in (False, True):
        torch.manual_seed(0)
        with torch.autocast('cpu', torch.bfloat16, enabled=enabled):
            values.append(loss(maps[:2], maps[2:], valid, num_clusters=7))
    assert torch.equal(*values)


@pytest.mark.parametrize(
    'option, value, words',
    [
        ('weight', 0, 'must be > 0, got 0'),
        ('num_points', 1, 'must be >= 2, got 1'),
        ('positive', 1.0, r'must be a share in \(0, 1\) or None, got 1.0'),
    ],
)
def test_bad_option_is_named(option, value, words):
    with pytest.raises(ValueError, match=f'CorrespondenceLoss.{option} {words}'):
        CorrespondenceLoss(**{option: value})
