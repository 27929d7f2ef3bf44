"""Statistics of BatchNorm for a network without any."""

import pytest
import torch
from mmengine.runner import Runner
from small_run import SEED, assert_same, run

from mmseg_picie.datasets import collate_views
from mmseg_picie.views import round_clock

CALIBRATE = dict(type='CalibrateBatchNormHook')


@pytest.fixture
def one_batch(config):
    """Builds a config that calibrates on all 7 images in one batch a view."""

    def build(name='run', **options):
        hooks = dict(calibrate=CALIBRATE, kmeans=dict(batch_size=7))
        return config(name, default_hooks=hooks, **options)

    return build


def test_calibration_sets_statistics_and_nothing_else(one_batch):
    cfg = one_batch()
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    runner = Runner.from_cfg(cfg)
    runner.model.init_weights()
    norm = runner.model.backbone.bn1
    norm.running_mean.fill_(9)  # of another training: it is forgotten
    norm.num_batches_tracked.fill_(5)
    before = {k: v.clone() for k, v in runner.model.named_parameters()}
    runner.train()
    assert_same(before, dict(runner.model.named_parameters()))
    # The statistics of the first convolution.
    dataset, model = runner.train_dataloader.dataset, runner.model
    round_clock.set(SEED, 0)
    batch = collate_views([dataset[index] for index in range(7)])
    inputs = model.data_preprocessor(batch, True)['inputs']
    maps = [model.backbone.conv1(inputs[name]) for name in ('view1', 'view2')]
    mean = sum(x.mean((0, 2, 3)) for x in maps) / 2
    var = sum(x.var((0, 2, 3)) for x in maps) / 2
    assert torch.allclose(norm.running_mean, mean, atol=1e-4)
    assert torch.allclose(norm.running_var, var, rtol=1e-3)
    assert norm.momentum == 0.1


def test_a_run_that_goes_on_is_not_calibrated_again(one_batch):
    still = dict(model=dict(backbone=dict(norm_eval=True)))
    first = run(one_batch('part', **still)).model.backbone.bn1
    # Calibrated again, it would have the statistics of the weights after a round.
    rest = run(one_batch('part', rounds=2, resume=True, **still)).model.backbone.bn1
    assert first.num_batches_tracked == 2
    assert_same(first.state_dict(), {**rest.state_dict(), **weights(first)})


def weights(norm):
    return dict(weight=norm.weight, bias=norm.bias)


def test_network_without_batch_norm_is_refused(config):
    cfg = config(default_hooks=dict(calibrate=CALIBRATE))
    cfg.model.backbone = dict(type='PixelColors')
    cfg.model.neck = None
    cfg.model.decode_head.in_channels = 3
    with pytest.raises(ValueError, match='has none: leave default_hooks.calibrate out'):
        run(cfg)
