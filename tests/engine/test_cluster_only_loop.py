"""Rounds in which nothing is trained."""

import pytest
import torch
from mmengine.runner import Runner
from small_run import CHANNELS, CLUSTERS, assert_same, run

# What a training may set, and what this loop takes without an effect.
OF_A_TRAINING = dict(
    max_epochs=10, val_begin=5, val_interval=10, dynamic_intervals=[(3, 2)]
)


def test_loop_changes_no_weight_and_ends_like_a_round(config, tmp_path):
    cfg = config()
    cfg.train_cfg = dict(type='ClusterOnlyLoop', **OF_A_TRAINING)
    runner = Runner.from_cfg(cfg)
    runner.model.init_weights()
    before = {k: v.clone() for k, v in runner.model.named_parameters()}
    runner.train()
    assert_same(before, dict(runner.model.named_parameters()))
    head = runner.model.decode_head
    assert head.eval_centroids.any()
    assert head.centroids_round == 0  # rounds trained
    assert [p.name for p in (tmp_path / 'run').glob('*.pth')] == ['epoch_1.pth']
    assert runner.message_hub.get_scalar('val/mIoU').current() > 0  # validated


def test_validation_leaves_its_matching(config, tmp_path):
    run(config(train_cfg=dict(type='ClusterOnlyLoop')))
    assert (tmp_path / 'run' / 'matching.json').exists()


def test_unknown_argument_is_refused(config):
    cfg = config()
    cfg.train_cfg = dict(type='ClusterOnlyLoop', max_epoch=10)
    with pytest.raises(TypeError, match="unexpected keyword argument 'max_epoch'"):
        run(cfg)


def test_pretrained_features_are_projected_and_clustered(config):
    cfg = config(
        default_hooks=dict(
            fit_pca=dict(type='FitPCAHook'),
            kmeans=dict(spherical=True, num_inits=2),
        )
    )
    cfg.model.backbone.out_indices = (0, 1, 2)
    cfg.model.neck = dict(
        type='MultiLevelPCA', in_channels=CHANNELS[:3], out_channels=8, grid_level=1
    )
    cfg.model.decode_head.loss = None
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    model = run(cfg).model
    assert model.neck.projection.abs().sum() > 0
    norms = model.decode_head.eval_centroids.norm(dim=1)
    assert torch.allclose(norms, torch.ones(CLUSTERS), atol=1e-5)


def test_projection_of_another_neck_is_refused(config):
    cfg = config(default_hooks=dict(fit_pca=dict(type='FitPCAHook')))
    with pytest.raises(ValueError, match='MultiLevelPCA, got LateralSumFPN'):
        run(cfg)
