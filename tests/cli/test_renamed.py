"""Old names are errors that say the new ones; docs/renamed.md lists them all."""

from pathlib import Path

import make_renamed
import pytest
from mmengine.config import Config
from mmseg.registry import DATASETS, HOOKS, METRICS, MODELS, TRANSFORMS

from mmseg_picie.cli import old_names
from mmseg_picie.cli.configs import load_config
from mmseg_picie.cli.renamed import check_hook_options, check_names
from mmseg_picie.cli.train import make_train_parser
from mmseg_picie.engine import KMeansLabelHook
from mmseg_picie.errors import InputError

CONFIGS = Path(__file__).parents[2] / 'configs'


def load(path, *arguments):
    return load_config(make_train_parser().parse_args([str(path), *arguments]))


def write(tmp_path, text):
    path = tmp_path / 'config.py'
    path.write_text(text)
    return path


@pytest.mark.parametrize('old, new', old_names.TYPES.items())
@pytest.mark.parametrize('scope', ['', 'mmseg.'])
def test_old_type_names_the_new_one(old, new, scope):
    pipeline = [dict(type='Load'), dict(type=scope + old)]
    cfg = Config(dict(val_dataloader=dict(dataset=dict(pipeline=pipeline))))
    with pytest.raises(InputError) as caught:
        check_names(cfg, 'my.py')
    line = f'val_dataloader.dataset.pipeline.1: {old} is {new} now'
    assert 'my.py' in str(caught.value) and line in str(caught.value)


def test_name_of_another_scope_is_left_alone():
    check_names(Config(dict(model=dict(type='mine.PixelColours'))), 'my.py')


@pytest.mark.parametrize('pair, new', old_names.OPTIONS.items())
def test_old_option_names_the_new_one(pair, new):
    kind, option = pair
    cfg = Config(dict(default_hooks=dict(mine=dict([('type', kind), (option, 1)]))))
    with pytest.raises(InputError) as caught:
        check_names(cfg, 'my.py')
    assert f'default_hooks.mine: {option} is {new} now' in str(caught.value)
    other = dict([('type', 'Other'), (option, 1)])
    check_names(Config(dict(default_hooks=dict(mine=other))), 'my.py')


def test_old_option_of_a_class_is_found():
    hook = dict(type=KMeansLabelHook, starts=5)
    with pytest.raises(InputError, match='starts is num_inits now'):
        check_names(Config(dict(default_hooks=dict(kmeans=hook))), 'my.py')


@pytest.mark.parametrize('pair, new', old_names.VALUES.items())
@pytest.mark.parametrize('several', [False, True])
def test_old_value_names_the_new_one(pair, new, several):
    option, value = pair
    node = dict([('type', 'Any'), (option, [value] if several else value)])
    with pytest.raises(InputError) as caught:
        check_names(Config(dict(node=node)), 'my.py')
    assert f'node.{option}: {value} is {new} now' in str(caught.value)


def test_all_old_names_are_said_at_once():
    cfg = Config(
        dict(
            model=dict(backbone=dict(type='PixelColours')),
            custom_hooks=[dict(type='KMeansLabelHook', refit_images='val', starts=5)],
        )
    )
    with pytest.raises(InputError) as caught:
        check_names(cfg, 'my.py')
    for words in (
        'model.backbone: PixelColours is PixelColors now',
        'custom_hooks.0: the place of KMeansLabelHook is default_hooks.kmeans now',
        'custom_hooks.0: refit_images is default_hooks.refit.images now',
        'custom_hooks.0: starts is num_inits now',
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    'path', sorted(CONFIGS.glob('[!_]*/*.py')), ids=lambda path: path.stem
)
def test_configs_of_the_package_have_no_old_name(path):
    check_names(Config.fromfile(path), path.name)


@pytest.mark.parametrize('old, new', old_names.CONFIG_FILES.items())
def test_old_config_file_names_the_new_one(old, new):
    file, options = new
    with pytest.raises(InputError) as caught:
        load(CONFIGS / old)
    assert file in str(caught.value) and options in str(caught.value)
    assert (CONFIGS / file).exists() and not (CONFIGS / old).exists()


def test_old_file_in_base_names_the_new_one(tmp_path):
    old = CONFIGS / 'picie/picie_fpn_r18_camvid_paper.py'
    with pytest.raises(InputError, match='it is configs/.*/picie_fpn_r18_camvid.py'):
        load(write(tmp_path, f'_base_ = {str(old)!r}'))


@pytest.mark.parametrize('old, new', old_names.VARIABLES.items())
def test_old_variable_of_a_base_names_what_took_its_place(tmp_path, old, new):
    base = CONFIGS / 'picie/picie_fpn_r18_camvid.py'
    path = write(tmp_path, f'_base_ = {str(base)!r}\nmine = _base_.{old}')
    with pytest.raises(InputError) as caught:
        load(path)
    assert f'_base_.{old} is {new} now' in str(caught.value)


@pytest.mark.parametrize(
    'key, new',
    [
        ('0.batch_size', 'default_hooks.kmeans.batch_size=7'),
        ('0.starts', 'default_hooks.kmeans.num_inits=7'),
        ('0.refit_batch_size', 'default_hooks.refit.batch_size=7'),
        ('0.calibrate_batch_norm', 'default_hooks.calibrate.type=Calibrate'),
        ('2.num_points', 'default_hooks.label_free.num_points=7'),
        ('9.x', 'default_hooks.NAME'),
    ],
)
def test_option_of_a_hook_by_number_names_the_one_by_name(key, new):
    with pytest.raises(InputError, match=f'set {new}'):
        check_hook_options(Config(), {f'custom_hooks.{key}': 7})
    check_hook_options(Config(dict(custom_hooks=[dict()])), {f'custom_hooks.{key}': 7})


@pytest.mark.parametrize(
    'option, words',
    [
        ('custom_hooks.0.batch_size=7', 'default_hooks.kmeans.batch_size=7'),
        ('default_hooks.kmeans.starts=5', 'starts is num_inits now'),
    ],
)
def test_old_names_on_the_command_line_are_refused(option, words):
    config = CONFIGS / 'picie/picie_fpn_r18_camvid.py'
    with pytest.raises(InputError, match=words):
        load(config, '--cfg-options', option)


def test_new_types_exist_and_old_ones_do_not():
    registries = (DATASETS, HOOKS, METRICS, MODELS, TRANSFORMS)
    for old, new in old_names.TYPES.items():
        assert any(registry.get(new) for registry in registries)
        assert not any(registry.get(old) for registry in registries)


def test_page_of_new_names_has_every_row():
    assert make_renamed.PAGE.read_text() == make_renamed.make_page(), (
        'run: python docs/make_renamed.py'
    )
