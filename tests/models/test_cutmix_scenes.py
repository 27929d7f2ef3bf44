"""CutMixScenes: its loss by the formula, also in two processes, and its sources."""

import math

import pytest
import torch
import torch.nn.functional as F
from picie_model import build, views

from mmseg_picie.models import PastedRegionLoss
from mmseg_picie.views import warp

D, N, SIDE = 5, 3, 4
HEAD = dict(type='ClusteringHead', in_channels=16, num_clusters=5)
CUTMIX = dict(
    type='CutMixScenes', region=dict(type='PastedRegionLoss'), decode_head=HEAD
)


def case():
    g = torch.Generator().manual_seed(0)
    scores = torch.randn(N, 1, SIDE, SIDE, generator=g, dtype=torch.float64)
    maps = torch.randn(2, N, D, SIDE, SIDE, generator=g, dtype=torch.float64)
    kinds = torch.randint(0, 3, (N * SIDE * SIDE,), generator=g)
    embeddings, targets = F.normalize(maps, dim=2)
    embeddings.requires_grad_()
    return scores.requires_grad_(), embeddings, targets, kinds == 1, kinds == 2


def naive(scores, embeddings, targets, pasted, clear, find, embed):
    """Both terms cell by cell."""
    missed, mistaken, apart = [], [], []
    for cell, (inside, outside) in enumerate(zip(pasted, clear, strict=True)):
        image, place = divmod(cell, SIDE * SIDE)
        y, x = divmod(place, SIDE)
        chance = 1 / (1 + torch.exp(-scores[image, 0, y, x]))
        if inside:
            missed.append(-torch.log(chance))
            apart.append(1 - embeddings[image, :, y, x] @ targets[image, :, y, x])
        elif outside:
            mistaken.append(-torch.log(1 - chance))
    means = [sum(part) / max(1, len(part)) for part in (missed, mistaken, apart)]
    return find * (means[0] + means[1]) / 2, embed * means[2]


@pytest.mark.parametrize('kept', ['both', 'pasted', 'clear'])
def test_loss_and_gradient_equal_the_formula(kept):
    *maps, pasted, clear = case()
    pasted, clear = pasted & (kept != 'clear'), clear & (kept != 'pasted')
    losses = PastedRegionLoss(0.7, 1.3)(*maps, pasted, clear)
    expected = naive(*maps, pasted, clear, 0.7, 1.3)
    assert list(losses) == ['loss_find', 'loss_embed']
    for value, other in zip(losses.values(), expected, strict=True):
        assert float(value) == pytest.approx(float(other), rel=1e-6)
    ours, by_formula = (
        torch.autograd.grad(sum(parts), maps[:2], allow_unused=True)
        for parts in (losses.values(), expected)
    )
    for gradient, other in zip(ours, by_formula, strict=True):
        other = torch.zeros_like(gradient) if other is None else other
        assert torch.allclose(gradient, other, rtol=1e-6, atol=1e-9)


def test_a_score_of_nothing_costs_the_logarithm_of_two():
    *_, pasted, clear = case()
    maps = torch.ones(N, 1, SIDE, SIDE)
    losses = PastedRegionLoss()(0 * maps, maps, maps, pasted, clear)
    assert float(losses['loss_find']) == pytest.approx(math.log(2))
    assert float(losses['loss_embed']) == 0


@pytest.mark.parametrize('name', ['find_weight', 'embed_weight'])
def test_negative_factors_are_refused(name):
    with pytest.raises(ValueError, match=f'{name} must be >= 0, got -1'):
        PastedRegionLoss(**{name: -1})


def scenes():
    """A batch whose scenes show views of the sources in a box of 32 px."""
    inputs = views()
    source = {f'source_{name}': inputs[name] for name in ('box', 'flip', 'turns')}
    pasted = torch.zeros(2, 64, 64, dtype=torch.bool)
    pasted[:, 8:40, 18:50] = True  # cells of 4 px: 2-10 wholly, in part at the sides
    return dict(
        inputs, scene=inputs['view1'], source=inputs['view2'], pasted=pasted, **source
    )


def test_pasted_pixels_learn_the_embedding_of_their_source_before_the_round():
    model = build(**CUTMIX).eval()
    inputs = scenes()
    with torch.no_grad():
        before = model.embed(inputs['source'])
        raw = model.decode_head.embed(model.extract_feat(inputs['source']))
    model.round_begins(0, 0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.05)
        losses = model.batch_losses(inputs)
        maps = model.embed(inputs['scene'])
        assert not torch.allclose(model.embed(inputs['source']), before, atol=1e-3)
    where = inputs['box'], inputs['flip'], (16, 16), inputs['turns']
    known = F.normalize(warp(raw, *where), dim=1)
    cosines = (maps * known).sum(1)[:, 2:10, 5:12]
    expected = 1 - cosines.mean()
    assert losses['loss_embed'].item() == pytest.approx(expected.item(), rel=1e-4)


def test_cells_of_both_images_and_ignored_ones_are_left_out():
    model = build(**CUTMIX).eval()
    model.round_begins(0, 0)
    inputs = scenes()
    everything = model.batch_losses(inputs)
    edge = torch.zeros_like(inputs['pasted'])
    edge[:, :, 16:20] = edge[:, :, 48:52] = True
    edge[:, :8] = edge[:, 40:] = True
    edge[:, :, :16] = edge[:, :, 52:] = True
    masked = model.batch_losses(dict(inputs, scene_ignore=edge))
    assert masked['loss_embed'].item() == pytest.approx(
        everything['loss_embed'].item(), rel=1e-6
    )
    assert masked['loss_find'] != everything['loss_find']  # nothing clear is left


def test_no_samples_add_nothing_and_no_scene_is_refused():
    model = build(**CUTMIX)
    losses = model.loss({})
    sum(losses.values()).backward()
    assert set(losses) == {'loss_find', 'loss_embed'} and not any(losses.values())
    assert all(p.grad.abs().max() == 0 for p in model.parameters())
    with pytest.raises(ValueError, match="dataset=dict\\(type='CutMixDataset'"):
        model.loss(views())
    head = dict(HEAD, normalize=False)
    with pytest.raises(ValueError, match='region .*normalize is False'):
        build(**dict(CUTMIX, decode_head=head))


def test_network_may_run_in_bfloat16():
    model = build(**CUTMIX, precision='bfloat16')
    model.round_begins(0, 0)
    losses = model.batch_losses(scenes())
    assert all(value.dtype == torch.float32 for value in losses.values())
    sum(losses.values()).backward()
