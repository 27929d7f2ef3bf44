"""The embedding starts at the main axes of the backbone's features."""

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_run import CHANNELS, make_config, write_camvid

KMEANS = dict(type='KMeansLabelHook', batch_size=2, init_images=4)


@pytest.fixture
def config(tmp_path):
    write_camvid(tmp_path / 'data')

    def make(name='run', start=None, kmeans=KMEANS, **overrides):
        hooks = [kmeans, dict(type='InitialProjectionHook', **(start or {}))]
        return make_config(
            tmp_path / 'data', tmp_path / name, custom_hooks=hooks, **overrides
        )

    return make


def started(cfg) -> Runner:
    """A runner right before its first round."""
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def frozen(cfg, channels):
    """The PCA of a frozen backbone, fitted by its own hook."""
    cfg.custom_hooks = [dict(type='FitPCAHook'), KMEANS]
    cfg.model.backbone.out_indices = tuple(range(len(channels)))
    cfg.model.neck = dict(type='MultiLevelPCA', in_channels=channels, out_channels=8)
    return started(cfg).model.eval()


@pytest.mark.parametrize(
    'start, channels, kmeans',
    [
        ({}, 4, KMEANS),
        (dict(levels=2), 2, KMEANS),
        # The axes are those of the statistics that clustering will have.
        ({}, 4, dict(KMEANS, calibrate_batch_norm=True)),
    ],
)
def test_first_embedding_is_the_pca_of_the_levels(
    config, tmp_path, start, channels, kmeans
):
    model = started(config(start=start, kmeans=kmeans)).model.eval()
    weights = str(tmp_path / 'run' / 'epoch_1.pth')
    pca = frozen(config('frozen', load_from=weights), CHANNELS[:channels])
    images = torch.randn(2, 3, 64, 64)
    (embedding,), (expected,) = model.extract_feat(images), pca.extract_feat(images)
    # Equal but for the signs of axes and the steps of the upsampling.
    cosine = torch.cosine_similarity(embedding.abs(), expected.abs(), dim=1)
    assert embedding.shape == expected.shape
    assert cosine.mean() > 0.95


class KeepStart(Hook):
    """Keeps the weights right before the first step."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 0:
            parameters = runner.model.named_parameters()
            self.start = {name: p.detach().clone() for name, p in parameters}


def test_all_weights_still_learn(config):
    keep, runner = KeepStart(), Runner.from_cfg(config(start=dict(levels=3)))
    runner.register_hook(keep)
    runner.train()
    assert not keep.start['neck.laterals.3.weight'].any()  # beyond the levels
    for name, value in runner.model.named_parameters():
        assert not torch.equal(value, keep.start[name]), name


def test_a_resumed_run_keeps_its_neck(config):
    whole = Runner.from_cfg(config('whole', rounds=2))
    whole.train()
    Runner.from_cfg(config('part', rounds=1)).train()
    rest = Runner.from_cfg(config('part', rounds=2, resume=True))
    rest.train()
    expected = whole.model.state_dict()
    assert all(torch.equal(v, expected[k]) for k, v in rest.model.state_dict().items())


def test_weights_that_were_loaded_stay(config, tmp_path):
    Runner.from_cfg(config('first')).train()
    path = tmp_path / 'first' / 'epoch_1.pth'
    trained = torch.load(path, weights_only=False)['state_dict']
    runner = started(config('second', load_from=str(path)))
    for name, value in runner.model.neck.state_dict().items():
        assert torch.equal(value, trained[f'neck.{name}'])


def test_laterals_that_were_loaded_without_a_residual_stay(config, tmp_path):
    Runner.from_cfg(config('first')).train()
    path = tmp_path / 'first' / 'epoch_1.pth'
    trained = torch.load(path, weights_only=False)['state_dict']
    cfg = config('second', load_from=str(path))
    cfg.model.neck.residual_channels = 8
    for name, value in started(cfg).model.neck.laterals.state_dict().items():
        assert torch.equal(value, trained[f'neck.laterals.{name}'])


def same_neck(first, second):
    names = [name for name in first.model.state_dict() if name.startswith('neck.')]
    states = first.model.state_dict(), second.model.state_dict()
    return all(torch.equal(states[0][name], states[1][name]) for name in names)


def test_resume_without_a_checkpoint_starts_at_the_axes(config):
    first = started(config('first'))
    assert same_neck(first, started(config('second', resume=True)))


@pytest.mark.parametrize('channels', [None, 4])
def test_checkpoint_without_this_neck_starts_at_the_axes(config, tmp_path, channels):
    first = started(config('first'))
    saved = torch.load(tmp_path / 'first' / 'epoch_1.pth', weights_only=False)
    state = saved['state_dict']
    for name in [name for name in state if name.startswith('neck.')]:
        weights = state.pop(name)
        if channels:  # of another embedding size
            state[name] = weights[:channels]
    path = tmp_path / 'start.pth'
    torch.save(saved, path)
    assert same_neck(first, started(config('second', load_from=str(path))))


def test_other_necks_and_levels_are_refused(config):
    with pytest.raises(ValueError, match='levels must be >= 1, got 0'):
        Runner.from_cfg(config(start=dict(levels=0)))
    with pytest.raises(ValueError, match='levels is 5, but .* has 4 levels'):
        started(config(start=dict(levels=5)))
    cfg = config('none')
    cfg.model.neck = None
    cfg.model.decode_head.in_channels = CHANNELS[-1]
    with pytest.raises(ValueError, match='needs model.neck.type=LateralSumFPN, got No'):
        started(cfg)
