"""PixelContrast: what it learns, and what starts from it."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmseg.registry import MODELS
from picie_model import build, views
from small_run import CHANNELS, CLUSTERS, run, state

from mmseg_picie.checkpoints import export_backbone

SUPERVISED = Path(__file__).parents[2] / 'configs/supervised/fpn_r18_camvid.py'
HEAD = dict(type='ClusteringHead', in_channels=16, num_clusters=5)
CONTRAST = dict(
    type='PixelContrast', contrast=dict(type='PixelContrastLoss'), decode_head=HEAD
)
REFIT = dict(type='RefitHook', kmeans=dict(num_inits=2))


def contrast_config(config, **refit):
    """The small run of PiCIE as one of PixelContrast."""
    cfg = config(default_hooks=dict(kmeans=None, refit=dict(REFIT, **refit)))
    cfg.model.update(type='PixelContrast', contrast=dict(type='PixelContrastLoss'))
    cfg.model.decode_head.loss = None
    return cfg


@pytest.fixture
def pretrained(config, tmp_path):
    run(contrast_config(config))
    return tmp_path / 'run'


def test_the_loss_is_that_of_the_views():
    model = build(**CONTRAST).eval()
    maps = model.embed_pair(views(), model.trained_features)
    torch.manual_seed(3)
    expected = model.contrast_loss(maps, torch.ones(2 * 16 * 16, dtype=torch.bool))
    torch.manual_seed(3)
    losses = model.loss(views())
    assert losses['loss_contrast'].item() == pytest.approx(expected.item(), rel=1e-6)
    assert model.loss({}).keys() == losses.keys()


def test_ignored_pixels_do_not_matter():
    model = build(**CONTRAST).eval()
    inputs = {name: torch.cat([value[:1], value]) for name, value in views().items()}
    model.contrast_loss.num_points = 16 * 16
    inputs['ignore'] = torch.zeros(3, 64, 64, dtype=torch.bool)
    inputs['ignore'][0] = True
    others = {name: value[1:] for name, value in inputs.items()}
    masked, alone = (model.loss(part)['loss_contrast'] for part in (inputs, others))
    assert masked.item() == pytest.approx(alone.item(), rel=1e-5)


def test_vectors_that_are_not_unit_are_refused():
    with pytest.raises(ValueError, match='contrast .*normalize is False'):
        build(**dict(CONTRAST, decode_head=dict(HEAD, normalize=False)))


def test_its_embedding_is_clustered_after_a_round(pretrained):
    head = state(pretrained, 1)
    assert head['decode_head.eval_centroids'].any()
    assert head['decode_head.centroids_round'] == 1
    assert not head['decode_head.cluster_sizes'].any()  # no view was clustered


def test_picie_goes_on_from_its_checkpoint(pretrained, config):
    cfg = config('picie', load_from=str(pretrained / 'epoch_1.pth'))
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    start = {k: v for k, v in state(pretrained, 1).items() if 'decode_head' not in k}
    model = run(cfg).model
    assert model.decode_head.num_clusters == CLUSTERS
    assert start and all(
        torch.equal(value, model.state_dict()[name]) for name, value in start.items()
    )


def test_supervised_training_starts_from_its_backbone(pretrained, tmp_path):
    export_backbone(pretrained / 'epoch_1.pth', tmp_path / 'backbone.pth')
    cfg = Config.fromfile(SUPERVISED, format_python_code=False)
    cfg.model.backbone.update(
        base_channels=CHANNELS[0],
        init_cfg=dict(
            type='Pretrained',
            checkpoint=str(tmp_path / 'backbone.pth'),
            prefix='backbone.',
        ),
    )
    cfg.model.neck.in_channels = CHANNELS
    model = MODELS.build(cfg.model)
    model.init_weights()
    learned = state(pretrained, 1)
    for name, value in model.backbone.state_dict().items():
        assert torch.equal(value, learned[f'backbone.{name}']), name


def test_a_run_that_clusters_has_one_place_for_its_options(config):
    cfg = config(default_hooks=dict(refit=REFIT))
    with pytest.raises(ValueError, match='put its options into default_hooks.kmeans'):
        run(cfg)
    cfg = contrast_config(config, kmeans=None)
    with pytest.raises(ValueError, match=r'default_hooks.refit.kmeans=dict\(\)'):
        run(cfg)


def test_a_clustering_of_the_views_is_refused(config):
    cfg = contrast_config(config)
    cfg.default_hooks.kmeans = dict(type='KMeansLabelHook')
    cfg.default_hooks.refit.kmeans = None
    with pytest.raises(ValueError, match='KMeansLabelHook clusters for methods that'):
        run(cfg)
