"""STEGO: a projection of a frozen backbone, and a probe of its clusters."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS

from mmseg_picie.errors import InputError
from mmseg_picie.models import ImagePairs, ProbeHead, joined_levels

C, D, K, N, SIZE = (16, 32), 6, 4, 3, 32
CONFIG = dict(
    type='STEGO',
    data_preprocessor=dict(
        type='ViewsDataPreProcessor', mean=[127.0] * 3, std=[60.0] * 3
    ),
    backbone=dict(
        type='ResNet',
        depth=18,
        base_channels=16,
        num_stages=2,
        strides=(1, 2),
        dilations=(1, 1),
        out_indices=(0, 1),
        norm_cfg=dict(type='BN'),
    ),
    neck=dict(type='ProjectionNeck', in_channels='auto', out_channels=D),
    decode_head=dict(type='ProbeHead', in_channels=D, num_clusters=K),
    pair_loss=dict(
        type='STEGOLoss',
        weights=dict(self=0.67, neighbor=0.25, random=0.63),
        shifts=dict(self=0.08, neighbor=0.02, random=0.3),
    ),
    test_cfg=dict(mode='whole'),
)


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


def build(**changes):
    config = copy.deepcopy(CONFIG)
    for name, value in changes.items():
        if isinstance(value, dict):
            config[name].update(value)
        else:
            config[name] = value
    torch.manual_seed(0)
    return MODELS.build(config)


def batch(names=('view1', 'neighbor'), count=N):
    g = torch.Generator().manual_seed(1)
    draw = torch.randint(0, 256, (len(names), count, 3, SIZE, SIZE), generator=g)
    return dict(inputs=dict(zip(names, draw.to(torch.uint8))))


def losses_of(model, data):
    inputs = model.data_preprocessor(data, True)['inputs']
    torch.manual_seed(2)
    return model.loss(inputs)


def test_neighbors_are_normalized_as_the_views_are():
    inputs = build().data_preprocessor(batch(), True)['inputs']
    expected = (batch()['inputs']['neighbor'].float().flip(1) - 127) / 60
    torch.testing.assert_close(inputs['neighbor'], expected)


def test_losses_are_those_of_all_cells_where_no_points_are_drawn():
    model = build(points=None, feature_dropout=0.0, neck=dict(dropout=0.0)).train()
    data = batch()
    losses = losses_of(model, data)
    inputs = model.data_preprocessor(data, True)['inputs']
    features, codes = [], []
    for name in ('view1', 'neighbor'):
        maps = joined_levels(model.backbone(inputs[name]))
        features.append(maps.flatten(2).mT)
        codes.append(model.neck(maps)[0].flatten(2).mT)
    torch.manual_seed(2)
    others = []
    for _ in range(model.random_images):
        order = torch.randperm(N)
        order[order == torch.arange(N)] += 1
        others.append(order % N)
    pairs = {
        'self': [ImagePairs((features[0],) * 2, (codes[0],) * 2)],
        'neighbor': [ImagePairs(tuple(features), tuple(codes))],
        'random': [
            ImagePairs((features[0], features[0][i]), (codes[0], codes[0][i]))
            for i in others
        ],
    }
    expected = model.pair_loss(pairs)
    assert losses.keys() == {*expected, 'loss_probe'}
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value)


def test_probe_loss_is_minus_the_cosine_with_the_nearest_centroid():
    head = ProbeHead(in_channels=D, num_clusters=K)
    codes = torch.randn(2, D, 3, 3, requires_grad=True)
    value = head.loss(codes)['loss_probe']
    units = F.normalize(codes, dim=1).permute(0, 2, 3, 1).flatten(0, 2)
    cosines = units @ F.normalize(head.classifier.weight[..., 0, 0], dim=1).T
    torch.testing.assert_close(value, -cosines.max(1).values.mean())
    value.backward()
    assert codes.grad is None
    assert head.classifier.weight.grad.any()


def test_probe_finds_clusters_that_are_there():
    torch.manual_seed(0)
    kinds = torch.arange(90) % 3
    directions = torch.eye(3, D)
    codes = (directions[kinds] + 0.05 * torch.randn(90, D)).T.view(1, D, 9, 10)
    head = ProbeHead(in_channels=D, num_clusters=3)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.05)
    with torch.no_grad():  # each centroid nearest to a kind of its own
        head.classifier.weight[..., 0, 0] += 2 * directions
    for _ in range(100):
        optimizer.zero_grad()
        head.loss(codes)['loss_probe'].backward()
        optimizer.step()
    found = head.scores(head.unit(codes)).argmax(1).flatten()
    assert torch.equal(found, kinds)
    assert head.loss(codes)['loss_probe'] < -0.97


def test_backbone_stays_as_it_is():
    model = build()
    model.train()
    assert model.training and not any(m.training for m in model.backbone.modules())
    assert not any(p.requires_grad for p in model.backbone.parameters())
    before = copy.deepcopy(model.backbone.state_dict())
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.1)
    sum(losses_of(model, batch()).values()).backward()
    optimizer.step()
    for name, value in model.backbone.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(p.grad is not None for p in model.neck.parameters())


def test_code_gradients_come_from_pairs_alone():
    model = build().train()
    losses = losses_of(model, batch())
    losses['loss_probe'].backward(retain_graph=True)
    assert all(p.grad is None for p in model.neck.parameters())
    losses['loss_neighbor'].backward()
    assert model.neck.linear.weight.grad.any()
    assert model.neck.nonlinear[0].weight.grad.any()


def test_plain_view_is_trained_on_where_it_is_given():
    model = build(neck=dict(dropout=0.0), feature_dropout=0.0).train()
    data = batch(('view1', 'neighbor', 'train_view1'))
    losses = losses_of(model, data)
    data['inputs']['view1'] = torch.zeros_like(data['inputs']['view1'])
    again = losses_of(model, data)
    assert all(torch.equal(losses[name], again[name]) for name in losses)


def test_without_a_weight_no_neighbor_is_needed():
    model = build(pair_loss=dict(weights=dict(self=1.0, random=1.0))).train()
    assert losses_of(model, batch(('view1',))).keys() == {
        'loss_self',
        'loss_random',
        'loss_probe',
    }


def test_one_image_has_no_random_pairs():
    losses = losses_of(build().train(), batch(count=1))
    assert losses['loss_random'] == 0
    assert all(bool(value.isfinite()) for value in losses.values())


def test_process_without_samples_has_the_same_terms_of_zero():
    model = build().train()
    losses = model.loss({})
    assert losses.keys() == losses_of(model, batch()).keys()
    assert all(value == 0 for value in losses.values())
    sum(losses.values()).backward()
    assert all(
        p.grad is not None and not p.grad.any()
        for p in model.parameters()
        if p.requires_grad
    )


def test_missing_neighbors_are_an_error_that_names_the_data_set():
    with pytest.raises(InputError, match='NeighborDataset'):
        losses_of(build().train(), batch(('view1',)))


def test_pixels_to_ignore_are_refused():
    data = batch()
    data['inputs']['ignore'] = torch.zeros(N, SIZE, SIZE, dtype=torch.bool)
    with pytest.raises(InputError, match='LoadIgnoreMask'):
        losses_of(build().train(), data)


@pytest.mark.parametrize(
    'changes, words',
    [
        (dict(points=0), 'model.points must be >= 1, got 0'),
        (dict(random_images=0), 'model.random_images must be >= 1'),
        (dict(feature_dropout=1.0), r'feature_dropout must lie in \[0, 1\), got 1.0'),
        (dict(neck=dict(dropout=-0.1)), r'neck.dropout must lie in \[0, 1\), got -0.1'),
        (dict(neck=dict(activation='tanh')), "neck.activation .* got 'tanh'"),
        (dict(decode_head=dict(type='SoftmaxHead')), 'must be ProbeHead in STEGO'),
    ],
)
def test_bad_options_are_named(changes, words):
    with pytest.raises(InputError, match=words):
        build(**changes)


def test_another_neck_is_refused():
    neck = dict(type='LateralSumFPN', in_channels=list(C), out_channels=D)
    with pytest.raises(InputError, match='must be ProjectionNeck'):
        MODELS.build(dict(CONFIG, neck=neck))


def test_another_loss_is_refused():
    with pytest.raises(InputError, match='model.pair_loss .* got CorrespondenceLoss'):
        MODELS.build(dict(CONFIG, pair_loss=dict(type='CorrespondenceLoss')))
