"""The embedding starts at the main axes of the backbone's features."""

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from small_run import CHANNELS, assert_same, load, make_config, run, state

from mmseg_picie.engine import find_hook

PROJECTION = dict(type='InitialProjectionHook')


@pytest.fixture
def config(camvid_root, tmp_path):
    """Builds configs with the hook; ``levels`` is its option."""

    def make(name='run', levels=None, calibrate=None, **overrides):
        hooks = dict(
            initial_projection=dict(PROJECTION, levels=levels), calibrate=calibrate
        )
        return make_config(
            camvid_root, tmp_path / name, default_hooks=hooks, **overrides
        )

    return make


def ready(cfg) -> Runner:
    """A runner with the weights that its first round begins with."""
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def fit_pca_instead(cfg, channels):
    """Changes a config to the PCA of a backbone that is not trained."""
    cfg.default_hooks.initial_projection = None
    cfg.default_hooks.fit_pca = dict(type='FitPCAHook')
    cfg.model.backbone.out_indices = tuple(range(len(channels)))
    cfg.model.neck = dict(type='MultiLevelPCA', in_channels=channels, out_channels=8)


@pytest.mark.parametrize(
    'options, channels',
    [
        ({}, 4),
        (dict(levels=2), 2),
        # The axes are those of the statistics that clustering will have.
        (dict(calibrate=dict(type='CalibrateBatchNormHook')), 4),
    ],
)
def test_first_embedding_is_the_pca_of_the_levels(config, tmp_path, options, channels):
    model = ready(config(**options)).model.eval()
    weights = str(tmp_path / 'run' / 'epoch_1.pth')
    cfg = config('pca', load_from=weights)
    fit_pca_instead(cfg, CHANNELS[:channels])
    pca = ready(cfg).model.eval()
    images = torch.randn(2, 3, 64, 64)
    (embedding,), (expected,) = model.extract_feat(images), pca.extract_feat(images)
    # Equal but for the signs of axes and the steps of the upsampling.
    cosine = torch.cosine_similarity(embedding.abs(), expected.abs(), dim=1)
    assert embedding.shape == expected.shape
    assert cosine.mean() > 0.95


class KeepInitialWeights(Hook):
    """Keeps the weights right before the first step."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 0:
            parameters = runner.model.named_parameters()
            self.weights = {name: p.detach().clone() for name, p in parameters}


def test_all_weights_still_learn(config):
    keep, runner = KeepInitialWeights(), Runner.from_cfg(config(levels=3))
    runner.register_hook(keep)
    runner.train()
    assert not keep.weights['neck.laterals.3.weight'].any()  # beyond the levels
    for name, value in runner.model.named_parameters():
        assert not torch.equal(value, keep.weights[name]), name


def test_a_resumed_run_keeps_its_neck(config):
    whole = run(config('whole', rounds=2)).model
    run(config('part', rounds=1))
    rest = run(config('part', rounds=2, resume=True)).model
    assert_same(whole.state_dict(), rest.state_dict())


def test_weights_that_were_loaded_stay(config, tmp_path):
    run(config('first'))
    path, trained = tmp_path / 'first' / 'epoch_1.pth', state(tmp_path / 'first', 1)
    runner = ready(config('second', load_from=str(path)))
    for name, value in runner.model.neck.state_dict().items():
        assert torch.equal(value, trained[f'neck.{name}'])


def test_laterals_that_were_loaded_without_a_residual_stay(config, tmp_path):
    run(config('first'))
    path, trained = tmp_path / 'first' / 'epoch_1.pth', state(tmp_path / 'first', 1)
    cfg = config('second', load_from=str(path))
    cfg.model.neck.residual_channels = 8
    for name, value in ready(cfg).model.neck.laterals.state_dict().items():
        assert torch.equal(value, trained[f'neck.laterals.{name}'])


def test_sizes_beyond_the_channels_of_the_levels_begin_at_zero(config):
    model = dict(neck=dict(out_channels=24), decode_head=dict(in_channels=24))
    laterals = ready(config(levels=1, model=model)).model.neck.laterals
    rows = laterals[0].weight.flatten(1).any(1)
    assert rows.tolist() == [True] * CHANNELS[0] + [False] * (24 - CHANNELS[0])
    assert not laterals[1].weight.any()


@pytest.mark.parametrize('name', ['initial_projection', 'fit_pca'])
@pytest.mark.parametrize('size, expected', [(None, [3, 3, 1]), (5, [5, 2])])
def test_pass_has_a_batch_size_of_its_own_or_that_of_training(
    config, name, size, expected
):
    cfg = config()
    if name == 'fit_pca':
        fit_pca_instead(cfg, CHANNELS)
    cfg.default_hooks[name].batch_size = size
    runner = Runner.from_cfg(cfg)
    seen = []
    forward = runner.model.backbone.register_forward_pre_hook(
        lambda _, inputs: seen.append(len(inputs[0]))
    )
    find_hook(runner, HOOKS.get(cfg.default_hooks[name].type)).before_train(runner)
    forward.remove()
    assert seen == expected


def same_neck(first, second):
    names = [name for name in first.model.state_dict() if name.startswith('neck.')]
    states = first.model.state_dict(), second.model.state_dict()
    return all(torch.equal(states[0][name], states[1][name]) for name in names)


def test_resume_without_a_checkpoint_starts_at_the_axes(config):
    first = ready(config('first'))
    assert same_neck(first, ready(config('second', resume=True)))


def without_neck(name, weights):
    return None


def without_last_level(name, weights):
    return None if name.startswith('neck.laterals.3.') else weights


def of_another_size(name, weights):
    return weights[:4]


@pytest.mark.parametrize('change', [without_neck, without_last_level, of_another_size])
def test_checkpoint_without_this_neck_starts_at_the_axes(config, tmp_path, change):
    first = ready(config('first'))
    saved = load(tmp_path / 'first' / 'epoch_1.pth')
    kept = saved['state_dict']
    for name in [name for name in kept if name.startswith('neck.')]:
        weights = change(name, kept.pop(name))
        if weights is not None:
            kept[name] = weights
    path = tmp_path / 'other.pth'
    torch.save(saved, path)
    assert same_neck(first, ready(config('second', load_from=str(path))))


def test_other_necks_and_levels_are_refused(config):
    with pytest.raises(ValueError, match='levels must be >= 1, got 0'):
        Runner.from_cfg(config(levels=0))
    with pytest.raises(ValueError, match='levels is 5, but .* has 4 levels'):
        ready(config(levels=5))
    cfg = config('none')
    cfg.model.neck = None
    cfg.model.decode_head.in_channels = CHANNELS[-1]
    with pytest.raises(ValueError, match='needs model.neck.type=LateralSumFPN, got No'):
        ready(cfg)
