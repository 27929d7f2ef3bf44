"""Each hook of a round is an entry of ``default_hooks``: changed, or taken out."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from small_run import run

from mmseg_picie import engine
from mmseg_picie.engine import find_hook
from mmseg_picie.errors import InputError

SCHEDULES = Path(__file__).parents[2] / 'configs' / '_base_' / 'schedules'
IN_EVERY_ROUND = dict(
    round='RoundHook',
    kmeans='KMeansLabelHook',
    refit='RefitHook',
    report='RoundReportHook',
    cluster_checkpoint='ClusterCheckpointHook',
    manifest='ManifestHook',
    label_free='LabelFreeScoresHook',
)
NOT_IN_EVERY_ROUND = dict(
    initial_projection='InitialProjectionHook',
    calibrate='CalibrateBatchNormHook',
    fit_pca='FitPCAHook',
)
NAMES = {**IN_EVERY_ROUND, **NOT_IN_EVERY_ROUND}


@pytest.fixture
def complete(config):
    """A config with all the hooks that a round may have, not to be run."""
    hooks = {name: dict(type=kind) for name, kind in NAMES.items()}
    return config(default_hooks=hooks)


def hook_of(config, name):
    """The hook that a run of a config has under a name, or None."""
    return find_hook(Runner.from_cfg(config), getattr(engine, NAMES[name]))


@pytest.mark.parametrize(
    'schedule, names',
    [
        ('picie_10r', IN_EVERY_ROUND.keys()),
        ('recipe_5r', {*IN_EVERY_ROUND, 'initial_projection'}),
        ('scenes_4r', {*IN_EVERY_ROUND, 'initial_projection', 'calibrate'}),
    ],
)
def test_schedules_name_the_hooks_of_a_round(schedule, names):
    hooks = Config.fromfile(SCHEDULES / f'{schedule}.py').default_hooks
    ours = {name: hook.type for name, hook in hooks.items() if name in NAMES}
    assert ours == {name: NAMES[name] for name in names}


@pytest.mark.parametrize(
    'option, value',
    [
        ('kmeans.batch_size', 64),
        ('kmeans.interval', 3),
        ('refit.batch_size', 5),
        ('refit.images', 'val'),
        ('label_free.num_images', 9),
        ('manifest.filename', 'other.json'),
        ('initial_projection.levels', 2),
        ('fit_pca.batch_size', 6),
    ],
)
def test_option_given_by_name_reaches_the_hook(complete, option, value):
    complete.merge_from_dict({f'default_hooks.{option}': value})
    name, attribute = option.split('.')
    assert getattr(hook_of(complete, name), attribute) == value


@pytest.mark.parametrize(
    'option, value',
    [('num_inits', 7), ('image_share', 0.5), ('init_points', 50), ('spherical', True)],
)
def test_setting_of_kmeans_given_by_name_reaches_the_clustering(
    complete, option, value
):
    complete.merge_from_dict({f'default_hooks.kmeans.{option}': value})
    assert getattr(hook_of(complete, 'kmeans').settings, option) == value


@pytest.mark.parametrize('name', NAMES)
def test_none_takes_a_hook_out(complete, name):
    assert hook_of(complete, name) is not None
    complete.merge_from_dict({f'default_hooks.{name}': None})
    assert hook_of(complete, name) is None


def test_run_without_the_hooks_that_only_tell_trains(config):
    run(config(default_hooks=dict(report=None, manifest=None, cluster_checkpoint=None)))


@pytest.mark.parametrize(
    'missing, words',
    [
        ('round', r"KMeansLabelHook .* add round=dict\(type='RoundHook'\)"),
        ('kmeans', r"RefitHook .* add kmeans=dict\(type='KMeansLabelHook'\)"),
        ('refit', r"LabelFreeScoresHook .* add refit=dict\(type='RefitHook'\)"),
    ],
)
def test_hook_without_the_one_it_needs_says_what_to_add(config, missing, words):
    scores = dict(type='LabelFreeScoresHook')
    hooks = {'label_free': scores, missing: None}
    with pytest.raises(InputError, match=words + ' to default_hooks'):
        run(config(default_hooks=hooks))
