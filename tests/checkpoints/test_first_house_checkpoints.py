"""Checkpoints of version 0.1 load everywhere: the views' centroids had other names."""

import copy
import json

import pytest
import torch
from first_house import with_old_names
from mmengine.config import Config
from mmengine.runner import Runner, load_checkpoint
from mmseg.apis import init_model
from mmseg.registry import MODELS
from small_run import CLUSTERS, assert_same, load, make_config, run

from mmseg_picie.checkpoints import convert_label_free_state
from mmseg_picie.errors import InputError

LABEL_FREE = dict(
    type='LabelFreeScoresHook', num_images=4, points_per_image=30, num_neighbors=3
)
EMA = dict(type='EMAHook', momentum=0.3)
METHODS = dict(
    picie=dict(
        model=dict(auxiliary_clusters=9), default_hooks=dict(label_free=LABEL_FREE)
    ),
    mdc=dict(
        model=dict(type='MDC', decode_head=dict(type='ClassifierHead')),
        default_hooks=dict(ema=EMA),
    ),
)
OLD_NAMES = {
    f'{head}.{name}{view}'
    for head in ('decode_head', 'auxiliary_head')
    for name in ('centroids', 'cluster_size')
    for view in (1, 2)
}


class OldRun:
    """A run of two rounds, and its first checkpoint by the names of version 0.1."""

    def __init__(self, camvid_root, folder, method):
        self.camvid_root, self.method = camvid_root, method
        self.folder, self.whole = folder, folder / 'whole'
        run(self.config('whole'))
        self.old = with_old_names(load(self.whole / 'epoch_1.pth'))
        self.file = folder / 'old.pth'
        torch.save(self.old, self.file)

    def config(self, name, **overrides) -> Config:
        options = copy.deepcopy(METHODS[self.method])
        work_dir = self.folder / name
        return make_config(self.camvid_root, work_dir, rounds=2, **options, **overrides)

    def model(self):
        return MODELS.build(self.config('model').model)

    def expected(self) -> dict:
        """The weights, with the centroids of both views in one buffer."""
        state = dict(self.old['state_dict'])
        views = 2 if self.method == 'picie' else 1
        for head in ('decode_head', 'auxiliary_head'):
            if f'{head}.eval_centroids' not in state:
                continue
            for new, old in (
                ('centroids', 'centroids'),
                ('cluster_sizes', 'cluster_size'),
            ):
                both = [state.pop(f'{head}.{old}{view}') for view in (1, 2)]
                state[f'{head}.{new}'] = torch.stack(both[:views])
        return state


@pytest.fixture(scope='module', params=METHODS)
def old_run(request, camvid_root, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f'old_{request.param}')
    return OldRun(camvid_root, folder, request.param)


def test_old_names_are_those_of_version_01(old_run):
    names = {n for n in OLD_NAMES if old_run.method == 'picie' or 'aux' not in n}
    assert names <= old_run.old['state_dict'].keys()
    first, second = (
        old_run.old['state_dict'][f'decode_head.centroids{view}'] for view in (1, 2)
    )
    assert first.shape == (CLUSTERS, 8) and first.any()
    assert torch.equal(first, second) == (old_run.method == 'mdc')


def test_load_state_dict(old_run):
    model = old_run.model()
    model.load_state_dict(old_run.old['state_dict'])
    assert_same(model.state_dict(), old_run.expected())


def test_load_checkpoint_of_mmengine(old_run):
    model = old_run.model()
    load_checkpoint(model, str(old_run.file), strict=True)
    assert_same(model.state_dict(), old_run.expected())


def test_init_model_of_mmseg(old_run):
    model = init_model(old_run.config('init'), str(old_run.file), device='cpu')
    assert_same(model.state_dict(), old_run.expected())


def test_a_test_scores_it_as_it_was_scored(old_run):
    runner = Runner.from_cfg(old_run.config('test', load_from=str(old_run.file)))
    found = runner.test()
    assert_same(unwrapped(runner).state_dict(), old_run.expected())
    validated = scalars(old_run.whole)[0]
    assert found['mIoU'] == pytest.approx(validated['mIoU'])
    assert found['aAcc'] == pytest.approx(validated['aAcc'])


def test_resumed_run_equals_an_uninterrupted_one_bit_for_bit(old_run):
    run(old_run.config('resumed', resume=True, load_from=str(old_run.file)))
    whole, resumed = (
        load(folder / 'epoch_2.pth')
        for folder in (old_run.whole, old_run.folder / 'resumed')
    )
    assert_same(whole['state_dict'], resumed['state_dict'])
    if old_run.method == 'mdc':
        assert_same(whole['ema_state_dict'], resumed['ema_state_dict'])
    else:
        assert_equal_states(whole['label_free'], resumed['label_free'])


def test_a_checkpoint_that_lacks_one_view_is_refused(old_run):
    broken = copy.deepcopy(old_run.old)
    del broken['state_dict']['decode_head.centroids2']
    file = old_run.folder / 'broken.pth'
    torch.save(broken, file)
    runner = Runner.from_cfg(old_run.config('refused', load_from=str(file)))
    with pytest.raises(InputError, match='decode_head.*1 missing'):
        runner.test()


def test_state_of_the_label_free_scores_has_new_names():
    state = dict(
        source=dict(drawn_from=[0, 7, 4, 30], num_neighbours=3),
        neighbours=torch.arange(6).view(2, 3),
        clusters=None,
    )
    found = convert_label_free_state(state)
    assert found.keys() == {'source', 'neighbors', 'clusters'}
    assert found['source'] == dict(drawn_from=[0, 7, 4, 30], num_neighbors=3)
    assert found['neighbors'] is state['neighbours']
    assert 'num_neighbours' in state['source']  # the checkpoint itself stays
    assert convert_label_free_state(found) is found
    assert convert_label_free_state(None) is None


def unwrapped(runner):
    return getattr(runner.model, 'module', runner.model)


def scalars(work_dir):
    """Metrics of each validation of a run."""
    (log,) = work_dir.glob('*/vis_data/scalars.json')
    rows = map(json.loads, log.read_text().splitlines())
    return [row for row in rows if 'mIoU' in row]


def assert_equal_states(first, second):
    assert first.keys() == second.keys()
    assert first['source'] == second['source']
    for name in ('neighbors', 'clusters'):
        assert torch.equal(first[name], second[name])
