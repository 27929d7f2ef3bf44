"""A frozen backbone: nothing of it changes, and what is above it learns."""

import copy

import pytest
import torch
from mmengine.runner import Runner
from picie_model import build, give_centroids, views
from small_run import assert_same

HEAD = dict(type='ClusteringHead', in_channels=16, num_clusters=5)
CONTRAST = dict(
    type='PixelContrast', contrast=dict(type='PixelContrastLoss'), decode_head=HEAD
)


@pytest.mark.parametrize('batch_norm', ['eval', 'train'])
def test_no_bit_of_the_backbone_changes_in_a_round(config, batch_norm):
    cfg = config(default_hooks=dict(kmeans=dict(batch_norm=batch_norm)))
    cfg.model.frozen_backbone = True
    runner = Runner.from_cfg(cfg)
    runner.model.init_weights()
    before = copy.deepcopy(runner.model.state_dict())
    runner.train()
    after = runner.model.state_dict()
    frozen = {name for name in before if name.startswith('backbone.')}
    assert any(name.endswith('running_mean') for name in frozen)
    assert_same({n: before[n] for n in frozen}, {n: after[n] for n in frozen})
    for name in before:
        if name.startswith('neck.'):
            assert not torch.equal(before[name], after[name]), name


def test_no_backward_pass_goes_through_it():
    model = build(frozen_backbone=True)
    give_centroids(model)
    model.train()
    assert not any(level.requires_grad for level in model.backbone(views()['view1']))
    model.freeze_network()
    sum(model.loss(views()).values()).backward()
    assert all(p.grad is None for p in model.backbone.parameters())
    assert all(p.grad is not None for p in model.neck.parameters())


def test_the_copy_that_labels_embeds_alike_and_does_not_follow_the_neck():
    frozen, trained = build(frozen_backbone=True), build()
    images = views()['view1']
    for model in (frozen, trained):
        model.freeze_network()
    before = frozen.frozen_embed(images)
    assert torch.equal(before, trained.frozen_embed(images))
    with torch.no_grad():
        for parameter in frozen.neck.parameters():
            parameter.add_(0.1)
    assert torch.equal(frozen.frozen_embed(images), before)


def test_it_is_an_option_of_every_method_that_trains():
    model = build(**CONTRAST, frozen_backbone=True).train()
    assert not any(module.training for module in model.backbone.modules())
    sum(model.loss(views()).values()).backward()
    assert all(p.grad is None for p in model.backbone.parameters())
    # A process without samples gives gradients to the same parameters.
    model.zero_grad()
    sum(model.loss({}).values()).backward()
    assert all(p.grad is None for p in model.backbone.parameters())
    assert all(p.grad is not None for p in model.neck.parameters())


def test_nothing_to_train_is_refused():
    with pytest.raises(ValueError, match='frozen_backbone=True .*model.neck is None'):
        build(neck=None, frozen_backbone=True)
