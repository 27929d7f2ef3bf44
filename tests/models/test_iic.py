"""IIC: which heads learn when, and what of both views is compared."""

import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS

from mmseg_picie.errors import InputError
from mmseg_picie.models import MutualInformationLoss

LOSS = dict(type='MutualInformationLoss', displacement=1)
HEAD = dict(type='SoftmaxHead', in_channels=3, num_clusters=4, normalize=False)


def build(**changes):
    init_default_scope('mmseg')
    torch.manual_seed(3)
    options = dict(
        type='IIC',
        data_preprocessor=dict(
            type='ViewsDataPreProcessor', mean=[0.0] * 3, std=[1.0] * 3
        ),
        backbone=dict(type='PixelColors'),
        decode_head=dict(HEAD, loss=LOSS),
        test_cfg=dict(mode='whole'),
    )
    return MODELS.build({**options, **changes})


def views(box=(0.0, 0.0, 1.0, 1.0), flip=False, turns=0, **more):
    """A whole view, and what is cut of it, pixel by pixel."""
    whole = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    x0, y0, x1, y1 = (round(8 * edge) for edge in box)
    part = whole[:, :, y0:y1, x0:x1]
    part = part.flip(3) if flip else part
    return dict(
        view1=torch.rot90(part, turns, (2, 3)),
        view2=whole,
        box=torch.tensor([box] * 2),
        flip=torch.tensor([flip] * 2),
        turns=torch.tensor([turns] * 2),
        **more,
    )


@pytest.mark.parametrize('upsample', [False, True])
@pytest.mark.parametrize(
    'geometry',
    [
        dict(),
        dict(flip=True),
        dict(flip=True, turns=3),
        dict(box=(0.5, 0.0, 1.0, 0.5), flip=True, turns=1),
    ],
)
def test_what_is_compared_are_the_same_pixels(geometry, upsample):
    # Without a change of color both views have the same clusters in one frame.
    inputs = views(**geometry)
    model = build(upsample=upsample)
    head = model.decode_head
    clusters = head.probabilities(inputs['view2'])
    valid = torch.zeros(2, 8, 8, dtype=torch.bool)
    x0, y0, x1, y1 = (round(8 * edge) for edge in geometry.get('box', (0, 0, 1, 1)))
    valid[:, y0:y1, x0:x1] = True
    expected = MutualInformationLoss(displacement=1)(clusters, clusters, valid)
    losses = model(inputs, mode='loss')
    assert losses.keys() == {'loss_information'}
    assert float(losses['loss_information']) == pytest.approx(float(expected), abs=1e-6)


def test_pixels_to_leave_out_are_brought_back_as_well():
    ignore = torch.zeros(2, 8, 8, dtype=torch.bool)
    ignore[:, :, :3] = True  # left in view 1, right in the whole view
    inputs = views(flip=True, ignore=ignore)
    model = build()
    clusters = model.decode_head.probabilities(inputs['view2'])
    valid = ~ignore.flip(2)
    expected = MutualInformationLoss(displacement=1)(clusters, clusters, valid)
    found = model(inputs, mode='loss')['loss_information']
    assert float(found) == pytest.approx(float(expected), abs=1e-6)


def test_training_sees_the_plain_view_where_there_is_one():
    inputs = views()
    plain, inputs['view1'] = inputs['view1'], torch.zeros_like(inputs['view1'])
    model = build()
    without = model(inputs, mode='loss')['loss_information']
    with_it = model(dict(inputs, train_view1=plain), mode='loss')['loss_information']
    expected = build()(views(), mode='loss')['loss_information']
    assert float(with_it) == pytest.approx(float(expected), abs=1e-6)
    assert float(without) > float(with_it) + 1e-3


def test_small_maps_are_enlarged_to_the_views():
    small = dict(type='Net10a', width=0.05)
    head = dict(HEAD, in_channels=26, loss=LOSS)
    sizes = []
    for upsample in (True, False):
        model = build(backbone=small, decode_head=head, upsample=upsample)

        class Sizes(torch.nn.Module):
            def forward(self, first, second, valid):
                sizes.append((first.shape[2:], second.shape[2:], valid.shape[1:]))
                return first.sum() * 0

        model.decode_head.clustering_loss = Sizes()
        model(views(), mode='loss')
    assert sizes == [((8, 8),) * 3, ((4, 4),) * 3]


def trained(model, round_index):
    """The heads with a gradient other than zero, and the names of losses."""
    model.zero_grad()
    model.round_begins(0, round_index)
    losses = model(views(flip=True), mode='loss')
    sum(losses.values()).backward()
    heads = dict(final=model.decode_head, auxiliary=model.auxiliary_head)
    assert all(p.grad is not None for p in model.parameters())
    moved = {k for k, head in heads.items() if head.classifier.weight.grad.any()}
    return moved, set(losses)


def test_heads_take_turns_or_learn_together():
    final, auxiliary = 'loss_information', 'loss_information_auxiliary'
    model = build(auxiliary_head=dict(num_clusters=7))
    for round_index in range(4):
        moved, names = trained(model, round_index)
        own = ({'final'}, {final}) if round_index % 2 else ({'auxiliary'}, {auxiliary})
        assert (moved, names) == own
    model = build(auxiliary_head=dict(num_clusters=7), head_schedule='joint')
    assert trained(model, 1) == ({'final', 'auxiliary'}, {final, auxiliary})


def test_auxiliary_head_is_the_decode_head_but_for_what_it_says():
    loss = dict(LOSS, entropy_weight=2.0)
    model = build(
        decode_head=dict(HEAD, temperature=0.5, loss=loss),
        auxiliary_head=dict(num_clusters=9, loss=dict(entropy_weight=1.0)),
    )
    first, second = model.clustering_heads
    assert (first.num_clusters, second.num_clusters) == (4, 9)
    assert first.temperature == second.temperature == 0.5
    weights = [h.clustering_loss.entropy_weight for h in (first, second)]
    assert weights == [2.0, 1.0]
    assert {h.clustering_loss.displacement for h in (first, second)} == {1}


@pytest.mark.parametrize('round_index', [0, 1])
def test_no_samples_give_the_same_losses_and_no_gradient(round_index):
    model = build(auxiliary_head=dict(num_clusters=7))
    model.round_begins(0, round_index)
    full, empty = model(views(), mode='loss'), model({}, mode='loss')
    assert full.keys() == empty.keys()
    sum(empty.values()).backward()
    assert all(not p.grad.any() for p in model.parameters())


def test_learning_raises_the_information():
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    losses = []
    for _ in range(30):
        loss = model(views(flip=True), mode='loss')['loss_information']
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    assert losses[-1] < 3 * losses[0] < 0


@pytest.mark.parametrize(
    'changes, words',
    [
        (dict(head_schedule='both'), 'model.head_schedule must be one of'),
        (
            dict(decode_head=dict(type='ClusteringHead', in_channels=3)),
            'decode_head of IIC must be a SoftmaxHead.* got ClusteringHead',
        ),
        (dict(decode_head=HEAD), r'decode_head\.loss of IIC is None'),
        (
            dict(auxiliary_head=dict(num_clusters=5, loss=None)),
            r'auxiliary_head\.loss of IIC is None',
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, words):
    with pytest.raises(InputError, match=words):
        build(**changes)


def test_view_of_half_the_size_is_compared_at_the_pixels_of_the_whole():
    inputs = views()
    inputs['view1'] = F.avg_pool2d(inputs['view2'], 2)
    assert torch.isfinite(build()(inputs, mode='loss')['loss_information'])


def test_network_of_infrared_refuses_image_files():
    build().require_colors()
    model = build(
        data_preprocessor=dict(
            type='ViewsDataPreProcessor',
            mean=[0.0] * 4,
            std=[1.0] * 4,
            bgr_to_rgb=False,
        )
    )
    with pytest.raises(InputError, match='images of 4 channels.*image files have thr'):
        model.require_colors()
