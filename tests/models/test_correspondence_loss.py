"""Distilling which pixels the frozen features find alike."""

import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.models.losses.correspondence_loss import CorrespondenceLoss

N, D, SIDE, P = 3, 5, 4, 6


def unit_maps(count, seed=0):
    g = torch.Generator().manual_seed(seed)
    return tuple(
        F.normalize(torch.randn(N, D, SIDE, SIDE, generator=g), dim=1)
        for _ in range(count)
    )


def draws():
    """The cells of each image and the shift between images, drawn as the loss does."""
    torch.manual_seed(0)
    return torch.randint(SIDE * SIDE, (N, P)), int(torch.randint(1, N, ()))


def naive(embeddings, features, valid, positive, weight):
    """The formula pair by pair."""
    cells, shift = draws()
    valid = valid.view(N, SIDE * SIDE)

    def vector(maps, image, cell):
        return maps[image, :, cell // SIDE, cell % SIDE]

    def known(image, cell):
        return F.normalize(sum(vector(m, image, cell) for m in features), dim=0)

    terms = {}
    for kind, step in (('between', shift), ('within', 0)):
        terms[kind] = [
            (
                known(image, p) @ known(other, q),
                vector(embeddings[0], image, p) @ vector(embeddings[1], other, q),
            )
            for image in range(N)
            for other in [(image - step) % N]
            for p in cells[image].tolist()
            for q in cells[other].tolist()
            if valid[image, p] and valid[other, q]
        ]
    values = torch.stack([f for f, _ in terms['between']])
    threshold = torch.quantile(values, 1 - positive)
    means = [
        torch.stack([(f - threshold) * s.clamp(min=0) for f, s in pairs]).mean()
        for pairs in terms.values()
    ]
    return -weight * (means[0] + means[1]) / 2


@pytest.mark.parametrize('ignored', [0, 5])
@pytest.mark.parametrize('positive', [None, 0.4])
def test_loss_equals_the_formula(ignored, positive):
    maps = unit_maps(4)
    valid = torch.ones(N * SIDE * SIDE, dtype=torch.bool)
    valid[:ignored] = False
    expected = naive(maps[:2], maps[2:], valid, positive or 1 / 7, 0.5)
    loss = CorrespondenceLoss(weight=0.5, num_points=P, positive=positive)
    torch.manual_seed(0)
    value = loss(maps[:2], maps[2:], valid, num_clusters=7)
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)


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


def test_no_valid_pixel_has_no_loss_and_no_gradient():
    maps = unit_maps(4)
    maps[0].requires_grad_()
    valid = torch.zeros(N * SIDE * SIDE, dtype=torch.bool)
    value = CorrespondenceLoss(num_points=P)(maps[:2], maps[2:], valid, 4)
    value.backward()
    assert value.item() == 0
    assert not maps[0].grad.any()


def test_autocast_changes_nothing():
    maps, valid = unit_maps(4), torch.ones(N * SIDE * SIDE, dtype=torch.bool)
    loss, values = CorrespondenceLoss(num_points=P), []
    for enabled in (False, True):
        torch.manual_seed(0)
        with torch.autocast('cpu', torch.bfloat16, enabled=enabled):
            values.append(loss(maps[:2], maps[2:], valid, num_clusters=7))
    assert torch.equal(*values)


def test_one_image_is_not_compared_with_itself_as_another():
    maps = [m[:1] for m in unit_maps(4)]
    valid = torch.ones(SIDE * SIDE, dtype=torch.bool)
    loss = CorrespondenceLoss(num_points=P)
    torch.manual_seed(0)
    value = loss(maps[:2], maps[2:], valid, num_clusters=4)
    torch.manual_seed(0)
    cells = torch.randint(SIDE * SIDE, (1, P))[0]
    first, second, *known = (m[0].flatten(1).T[cells] for m in maps)
    known = F.normalize(sum(known), dim=1)
    alike = known @ known.T
    apart = alike[cells[:, None] != cells]  # a pixel is no evidence of itself
    gain = (alike - torch.quantile(apart, 0.75)) * (first @ second.T).clamp(min=0)
    assert value.item() == pytest.approx(-gain.mean().item(), rel=1e-5)


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
