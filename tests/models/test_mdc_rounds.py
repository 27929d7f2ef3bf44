"""Modified DeepCluster: rounds of it."""

import copy
import json

import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_run import run

from mmseg_picie.checkpoints import store_matching

LEARNED = dict(
    type='MDC', decode_head=dict(type='ClassifierHead', loss=dict(rule='dot'))
)
WITHOUT = dict(type='MDC')


def options(ema=False, fused=False, **changes):
    hooks = dict(manifest=dict(type='ManifestHook'))
    if ema:
        hooks['ema'] = dict(type='EMAHook', momentum=0.3)
    optimizer = dict(type='Adam', lr=1e-3, fused=fused)
    wrapper = dict(type='OptimWrapper', optimizer=optimizer)
    return (
        dict(model=copy.deepcopy(LEARNED), default_hooks=hooks, optim_wrapper=wrapper)
        | changes
    )


def states(folder, epoch):
    return torch.load(folder / f'epoch_{epoch}.pth', weights_only=False)


@pytest.mark.parametrize(('ema', 'fused'), [(False, False), (True, True)])
def test_resume_equals_an_uninterrupted_run_bit_for_bit(config, tmp_path, ema, fused):
    run(config('whole', rounds=2, **options(ema, fused)))
    run(config('part', rounds=1, **options(ema, fused)))
    written = (tmp_path / 'part' / 'epoch_1.pth').stat().st_mtime_ns
    run(config('part', rounds=2, resume=True, **options(ema, fused)))
    # It did not begin anew, which would be equal as well.
    assert (tmp_path / 'part' / 'epoch_1.pth').stat().st_mtime_ns == written
    whole, part = (states(tmp_path / name, 2) for name in ('whole', 'part'))
    for name in ('state_dict', 'ema_state_dict') if ema else ('state_dict',):
        for key, value in whole[name].items():
            assert torch.equal(value, part[name][key]), key
    for index, state in whole['optimizer']['state'].items():
        for key, value in state.items():
            other = part['optimizer']['state'][index][key]
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(other))


def test_optimizer_of_the_classifier_starts_anew_each_round(config):
    runner = run(config(rounds=2, **options()))
    state = runner.optim_wrapper.optimizer.state
    head = runner.model.decode_head.classifier
    assert {int(state[p]['step']) for p in head.parameters()} == {3}
    assert int(state[runner.model.backbone.conv1.weight]['step']) == 6


class KeepClassifier(Hook):
    """Keeps the classifier as each round starts with it and as it ends."""

    priority = 'LOW'

    def __init__(self):
        self.starts, self.ends = [], []

    def before_train_epoch(self, runner):
        self.starts.append(runner.model.decode_head.classifier.weight.detach().clone())

    def after_train_epoch(self, runner):
        self.ends.append(runner.model.decode_head.classifier.weight.detach().clone())


def test_classifier_goes_on_where_nothing_is_clustered(config):
    chosen = options()
    chosen['default_hooks']['kmeans'] = dict(interval=2)
    keep, runner = KeepClassifier(), Runner.from_cfg(config(rounds=3, **chosen))
    runner.register_hook(keep)
    runner.train()
    assert torch.equal(keep.starts[1], keep.ends[0])
    assert not torch.equal(keep.starts[2], keep.ends[1])
    state = runner.optim_wrapper.optimizer.state
    weight = runner.model.decode_head.classifier.weight
    assert int(state[weight]['step']) == 3  # of the last of three rounds


def test_average_of_the_classifier_starts_anew_each_round(config, tmp_path):
    # Averages that hardly move stay where the last round began.
    chosen = options()
    chosen['default_hooks']['ema'] = dict(type='EMAHook', momentum=1e-9)
    head = run(config(rounds=2, **chosen)).model.decode_head
    averaged = states(tmp_path / 'run', 2)['state_dict']
    head.begin_round(5, 1)
    weight = averaged['decode_head.classifier.weight']
    assert torch.allclose(weight, head.classifier.weight, atol=1e-6)


def test_learning_rate_of_the_classifier_can_be_set_apart(config):
    wrapper = options()['optim_wrapper']
    wrapper['paramwise_cfg'] = dict(
        custom_keys={'decode_head.classifier': dict(lr_mult=0.0)}
    )
    head = run(config(**options(optim_wrapper=wrapper))).model.decode_head
    trained = head.classifier.weight.detach().clone()
    head.begin_round(5, 0)
    assert torch.equal(trained, head.classifier.weight)


@pytest.mark.parametrize('model', [LEARNED, WITHOUT])
def test_one_view_is_clustered_and_the_other_never_embedded(config, model):
    runner = Runner.from_cfg(config(**options(model=copy.deepcopy(model))))
    prepare = runner.model.data_preprocessor.forward

    def without_view2(*args):
        output = prepare(*args)
        if isinstance(output['inputs'], dict):
            output['inputs'].pop('view2', None)
        return output

    runner.model.data_preprocessor.forward = without_view2
    runner.train()
    head = runner.model.decode_head
    assert head.cluster_sizes.sum() == 7 * 16 * 16
    assert head.centroids.shape == (1, 4, 8)
    assert runner.model.backbone.bn1.num_batches_tracked == 3  # steps of one view


@pytest.mark.parametrize('predict_by', ['centroids', 'classifier'])
def test_stored_matching_is_of_what_predicts(config, tmp_path, predict_by):
    chosen = options()
    chosen['model']['decode_head']['predict_by'] = predict_by
    run(config(**chosen))
    folder = tmp_path / 'run'
    table = json.loads((folder / 'matching.json').read_text())
    assert ('classifier' in table['centroids']) == (predict_by == 'classifier')
    files = folder / 'epoch_1.pth', folder / 'matching.json', folder / 'named.pth'
    store_matching(*files)
    named = torch.load(files[2], weights_only=False)['state_dict']
    expected = torch.tensor(table['cluster_to_class'])
    assert torch.equal(named['decode_head.cluster_to_class'], expected)
    digits = table['centroids'].split()[2]
    other = table['centroids'].replace(digits, '0' * 8)
    files[1].write_text(json.dumps(table | dict(centroids=other)))
    with pytest.raises(ValueError, match='evaluate this checkpoint'):
        store_matching(*files)


def test_checkpoint_without_the_classifier_is_refused(config, tmp_path):
    run(config('first', **options(model=copy.deepcopy(WITHOUT))))
    cfg = config('second', **options())
    cfg.load_from = str(tmp_path / 'first' / 'epoch_1.pth')
    with pytest.raises(ValueError, match='not of the model in the config'):
        Runner.from_cfg(cfg).test()


def test_classifier_that_was_never_trained_is_refused(config):
    chosen = options()
    chosen['model']['decode_head']['predict_by'] = 'classifier'
    cfg = config(**chosen)
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    with pytest.raises(ValueError, match="predict_by='classifier' needs a round"):
        run(cfg)
