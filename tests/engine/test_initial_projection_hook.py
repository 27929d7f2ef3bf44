"""The embedding starts at the main axes of the backbone's features."""

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_run import CHANNELS, assert_same, load, make_config, run, state

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


def fitted(cfg, channels):
    """The PCA of a pretrained backbone, fitted by its own hook."""
    cfg.default_hooks.initial_projection = None
    cfg.default_hooks.fit_pca = dict(type='FitPCAHook')
    cfg.model.backbone.out_indices = tuple(range(len(channels)))
    cfg.model.neck = dict(type='MultiLevelPCA', in_channels=channels, out_channels=8)
    return ready(cfg).model.eval()


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
    pca = fitted(config('pca', load_from=weights), CHANNELS[:channels])
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


def same_neck(first, second):
    names = [name for name in first.model.state_dict() if name.startswith('neck.')]
    states = first.model.state_dict(), second.model.state_dict()
    return all(torch.equal(states[0][name], states[1][name]) for name in names)


def test_resume_without_a_checkpoint_starts_at_the_axes(config):
    first = ready(config('first'))
    assert same_neck(first, ready(config('second', resume=True)))


@pytest.mark.parametrize('channels', [None, 4])
def test_checkpoint_without_this_neck_starts_at_the_axes(config, tmp_path, channels):
    first = ready(config('first'))
    saved = load(tmp_path / 'first' / 'epoch_1.pth')
    kept = saved['state_dict']
    for name in [name for name in kept if name.startswith('neck.')]:
        weights = kept.pop(name)
        if channels:  # of another embedding size
            kept[name] = weights[:channels]
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
