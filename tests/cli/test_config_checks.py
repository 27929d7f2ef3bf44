"""Settings that would change nothing or fail late."""

import pytest
from mmengine.config import Config
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop

from mmseg_picie.cli import config_edits
from mmseg_picie.cli.config_checks import (
    check_options,
    check_training,
    has_clustering,
)
from mmseg_picie.cli.config_edits import fit_loaders
from mmseg_picie.engine import KMeansLabelHook

TEXT = """
size = 128
kind = 'Folder'
keys = ('a', 'b')
train_pipeline = [dict(type='Load'), dict(type='Views', size=size)]
test_pipeline = [dict(type='Load'), dict(type='Pack', meta_keys=keys)]
train_dataloader = dict(dataset=dict(type=kind, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(type=kind, pipeline=test_pipeline))
model = dict(neck=dict(out_channels=128))
unused = 3
"""


@pytest.fixture
def cfg(tmp_path):
    path = tmp_path / 'config.py'
    path.write_text(TEXT)
    return Config.fromfile(path)


@pytest.mark.parametrize(
    'key, places',
    [
        ('size', ['train_dataloader.dataset.pipeline.1.size=7']),
        ('train_pipeline.1.size', ['train_dataloader.dataset.pipeline.1.size=7']),
    ],
)
def test_variables_of_the_file_name_the_settings_they_went_to(cfg, key, places):
    with pytest.raises(ValueError, match='would change nothing') as caught:
        check_options(cfg, {key: 7})
    assert str(caught.value).endswith('set ' + ' '.join(places))


@pytest.mark.parametrize(
    'key, words',
    [
        ('unused', 'edit the config file'),
        ('trian_dataloader.batch_size', 'did you mean train_dataloader'),
        ('qqqqqq', 'nothing reads qqqqqq'),
        ('data_root', '--data-root 7'),
    ],
)
def test_other_keys_that_nothing_reads_are_refused(cfg, key, words):
    with pytest.raises(ValueError, match=words):
        check_options(cfg, {key: 7})


def test_settings_pass(cfg):
    keys = 'model.neck.out_channels load_from randomness.seed param_scheduler sync_bn'
    check_options(cfg, dict.fromkeys(keys.split(), 7))
    cfg.val_dataloader = None
    check_options(cfg, {'test_pipeline.0.x': 7})  # mmseg's inference reads it


@pytest.mark.parametrize(
    'changes, words',
    [
        ({'train_cfg.type': 'IterBasedTrainLoop'}, 'a round is an epoch'),
        ({'train_cfg.max_epochs': 0}, 'must be >= 1, got 0.*ClusterOnlyLoop'),
        ({'optim_wrapper.optimizer.type': 'Adamm'}, 'type=Adamm is not registered'),
    ],
)
def test_unknown_loops_and_optimizers_are_refused(config, changes, words):
    cfg = config()
    check_training(cfg)
    cfg.merge_from_dict(changes)
    with pytest.raises(ValueError, match=words):
        check_training(cfg)


def test_other_methods_may_train_by_iteration(config):
    cfg = config()
    cfg.default_hooks = dict(round=None)
    cfg.train_cfg = dict(type='IterBasedTrainLoop', max_iters=5)
    check_training(cfg)


@pytest.mark.parametrize(
    'kind', ['KMeansLabelHook', 'mmseg.KMeansLabelHook', KMeansLabelHook]
)
@pytest.mark.parametrize('place', ['default_hooks', 'custom_hooks'])
def test_clustering_hook_is_found_however_it_is_named(kind, place):
    hook = dict(type=kind)
    hooks = dict(k=hook) if place == 'default_hooks' else [hook]
    assert has_clustering(Config({place: hooks}))
    assert not has_clustering(Config({place: type(hooks)()}))


class OwnLoop(EpochBasedTrainLoop):
    pass


@pytest.mark.parametrize('kind', ['mmengine.IterBasedTrainLoop', IterBasedTrainLoop])
def test_loop_without_rounds_is_refused_however_it_is_named(config, kind):
    cfg = config()
    cfg.train_cfg = dict(type=kind, max_iters=5)
    with pytest.raises(ValueError, match='EpochBasedTrainLoop'):
        check_training(cfg)
    cfg.train_cfg = dict(type=OwnLoop, max_epochs=5)
    check_training(cfg)


def test_loaders_fit_the_machine_and_each_other(monkeypatch):
    monkeypatch.setattr(config_edits, 'count_cpus', lambda: 2)
    sampler = dict(type='EqualStepsBatchSampler')
    cfg = Config(
        dict(
            train_dataloader=dict(
                num_workers=0,
                persistent_workers=True,
                drop_last=True,
                batch_sampler=sampler,
            ),
            val_dataloader=dict(num_workers=5, persistent_workers=True, drop_last=True),
            test_dataloader=[dict(num_workers=3), dict(num_workers=2)],
            custom_hooks=[dict(type='Probe', num_workers=4), dict(num_workers=None)],
        )
    )
    (line,) = fit_loaders(cfg)
    assert cfg.train_dataloader == dict(
        num_workers=0,
        persistent_workers=False,
        batch_sampler=dict(sampler, drop_last=True),
    )
    assert cfg.val_dataloader == dict(
        num_workers=2, persistent_workers=True, drop_last=True
    )
    assert [loader.num_workers for loader in cfg.test_dataloader] == [2, 2]
    assert cfg.custom_hooks[0].num_workers == 2
    for part in ('val_dataloader 5', 'test_dataloader[0] 3', 'custom_hooks[0] 4'):
        assert part in line
    assert fit_loaders(cfg) == []
