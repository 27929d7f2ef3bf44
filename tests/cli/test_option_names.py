"""Misspelt keys of --cfg-options."""

import pytest
from mmengine.config import Config

from mmseg_picie.cli.config_checks import check_options, settings
from mmseg_picie.engine import ClusteringSettings
from mmseg_picie.errors import InputError
from mmseg_picie.views import ViewRanges


@pytest.mark.parametrize(
    ('key', 'value', 'meant'),
    [
        # Arguments of the classes that the types name.
        ('model.decode_head.num_cluster', 9, 'model.decode_head.num_clusters'),
        ('model.decod_head.num_clusters', 9, 'model.decode_head.num_clusters'),
        ('model.auxilary_clusters', 9, 'model.auxiliary_clusters'),
        ('model.backbone.frozen_stage', 1, 'model.backbone.frozen_stages'),
        ('optim_wrapper.optimizer.lrr', 1, 'optim_wrapper.optimizer.lr'),
        ('optim_wrapper.accumulative_count', 2, 'optim_wrapper.accumulative_counts'),
        ('train_cfg.max_epoch', 2, 'train_cfg.max_epochs'),
        (
            'default_hooks.checkpoint.max_keep_ckpt',
            1,
            'default_hooks.checkpoint.max_keep_ckpts',
        ),
        ('default_hooks.refit.batchsize', 1, 'default_hooks.refit.batch_size'),
        (
            'train_dataloader.dataset.data_rot',
            'x',
            'train_dataloader.dataset.data_root',
        ),
        ('param_scheduler.0.T_mx', 3, 'param_scheduler.0.T_max'),
        # Places without a type.
        ('train_dataloader.batchsize', 4, 'train_dataloader.batch_size'),
        ('val_dataloader.num_worker', 4, 'val_dataloader.num_workers'),
        ('randomness.sed', 4, 'randomness.seed'),
        ('env_cfg.cudnn_benchmrk', 4, 'env_cfg.cudnn_benchmark'),
        ('model.test_cfg.mod', 'whole', 'model.test_cfg.mode'),
        # Names of hooks.
        ('default_hooks.kmean.batch_size', 4, 'default_hooks.kmeans.batch_size'),
        ('default_hooks.manifst', None, 'default_hooks.manifest'),
    ],
)
def test_nearest_key_is_named(config, key, value, meant):
    cfg = config()
    cfg.param_scheduler = [dict(type='CosineAnnealingLR', end=1)]
    cfg.env_cfg = dict(cudnn_benchmark=True)
    with pytest.raises(InputError, match='nothing reads') as caught:
        check_options(cfg, {key: value})
    assert str(caught.value).endswith(f'did you mean {meant}?')


@pytest.mark.parametrize(
    'options',
    [
        {'model.label_network': 'trained'},  # of a parent of PiCIE
        {'model.backbone.with_cp': True},
        {'model.backbone.init_cfg.checkpoint': 'x.pth'},
        {'model.neck.type': 'OwnNeck', 'model.neck.out_channel': 3},
        {'model.decode_head.loss.temperature': 0.5},
        {'model.test_cfg.own_flag': 1},  # near nothing
        {'default_hooks.kmeans.init_points': 3},  # goes on to the settings
        {'default_hooks.kmeans2.type': 'KMeansLabelHook', 'default_hooks.kmeans2.x': 1},
        {'default_hooks.early': dict(type='EarlyStoppingHook', monitor='mIoU')},
        {'default_hooks.round.priority': 3},
        {'train_dataloader.pin_memory': True},
        {'train_dataloader.dataset.pipeline.1.hue': 0.2},
        {'train_dataloader.dataset.pipeline.9.hue': 0.2},
        {'train_dataloader.dataset.indices': 3},
        {'optim_wrapper.paramwise_cfg.custom_keys': {}},
        {'optim_wrapper.optimizer.weight_decay': 0.1},
        {'randomness.deterministic': True},
        {'model.decode_head.num_clusters': 3},
    ],
)
def test_keys_that_something_takes_pass(config, options):
    check_options(config(), options)


def test_every_key_of_a_config_passes(config):
    cfg = config()

    def keys(node, place=''):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for name, value in items:
            key = f'{place}.{name}' if place else str(name)
            yield key
            if isinstance(value, (dict, list)):
                yield from keys(value, key)

    names = [key for key in keys(cfg._cfg_dict) if key.split('.')[0] in settings()]
    assert len(names) > 100
    check_options(cfg, {name: 1 for name in names if '.' in name})


def test_every_argument_that_is_passed_on_passes(config):
    for name in ClusteringSettings.__dataclass_fields__:
        check_options(config(), {f'default_hooks.kmeans.{name}': 1})
    for name in ViewRanges.__dataclass_fields__:
        check_options(config(), {f'train_dataloader.dataset.pipeline.1.{name}': 1})


def test_config_of_classes_is_read_as_one_of_names():
    from torch.optim import SGD

    cfg = Config(dict(optim_wrapper=dict(optimizer=dict(type=SGD, lr=1))))
    with pytest.raises(
        InputError, match='did you mean optim_wrapper.optimizer.momentum'
    ):
        check_options(cfg, {'optim_wrapper.optimizer.momentm': 0.9})
