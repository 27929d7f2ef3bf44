"""Rounds with averaged weights (mmengine's EMAHook)."""

import json

import pytest
import torch
from mmengine.runner import Runner
from small_run import load, run

from mmseg_picie.engine.rounds.ema import averaged_weights


def ema(momentum, **options):
    return dict(ema=dict(type='EMAHook', momentum=momentum, **options))


def test_own_weights_return_after_an_error(config):
    cfg = config(default_hooks=ema(1e-6))
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    runner = Runner.from_cfg(cfg)
    runner.train()
    weight = runner.model.neck.laterals[0].weight
    weight.data.fill_(7.0)  # the average does not know of it
    with pytest.raises(KeyError), averaged_weights(runner):
        assert not (weight == 7).any()
        raise KeyError
    assert torch.equal(weight, torch.full_like(weight, 7.0))


@pytest.mark.parametrize('hooks', [{}, ema(0.3), ema(0.3, update_buffers=True)])
def test_checkpoint_agrees_with_the_validation_after_it(config, tmp_path, hooks):
    run(config(rounds=2, default_hooks=hooks))
    saved = load(tmp_path / 'run' / 'epoch_2.pth')
    cfg = config('test', load_from=str(tmp_path / 'run' / 'epoch_2.pth'))
    Runner.from_cfg(cfg).test()
    after = json.loads((tmp_path / 'run' / 'matching.json').read_text())
    (path,) = (tmp_path / 'test').glob('*/matching.json')
    again = json.loads(path.read_text())
    assert after['confusion'] == again['confusion']
    assert after['metrics'] == again['metrics']
    if not hooks:
        return
    ours, averaged = saved['state_dict'], saved['ema_state_dict']

    def same(name):
        return torch.equal(ours[name], averaged[f'module.{name}'])

    assert not same('neck.laterals.0.weight')
    assert same('decode_head.eval_centroids')
    # Where EMAHook averages statistics itself, its own stay.
    assert same('backbone.bn1.running_mean') != ('update_buffers' in hooks['ema'])


def test_refit_takes_the_averaged_weights(config):
    plain = run(config('plain')).model.state_dict()
    averaged = run(config('ema', default_hooks=ema(1e-6))).model.state_dict()
    # Averages that hardly move stay at the weights of the first step.
    name = 'decode_head.eval_centroids'
    assert torch.equal(
        plain['backbone.conv1.weight'], averaged['backbone.conv1.weight']
    )
    assert not torch.allclose(plain[name], averaged[name], atol=1e-4)
