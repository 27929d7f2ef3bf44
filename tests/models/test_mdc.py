"""Modified DeepCluster: the model, and rounds of it."""

import copy
import json

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import ConfigDict
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample
from small_run import run

from mmseg_picie.checkpoints.run_checkpoints import store_matching

CLUSTERS, DIM = 5, 8
LEARNED = dict(
    type='MDC', decode_head=dict(type='ClassifierHead', loss=dict(rule='dot'))
)
WITHOUT = dict(type='MDC')


def build(kind='ClassifierHead', model='MDC', weighting='none', loss=None, **head):
    init_default_scope('mmseg')
    torch.manual_seed(0)
    config = dict(
        type=model,
        backbone=dict(type='ResNet', depth=18, norm_cfg=dict(type='BN')),
        neck=dict(
            type='LateralSumFPN', in_channels=[64, 128, 256, 512], out_channels=DIM
        ),
        decode_head=dict(
            type=kind,
            in_channels=DIM,
            num_clusters=CLUSTERS,
            loss=dict(type='ClusteringLoss', cluster_weight=weighting, **(loss or {})),
            **head,
        ),
        test_cfg=dict(mode='whole'),
    )
    built = MODELS.build(ConfigDict(config))
    g = torch.Generator().manual_seed(2)
    centroids = F.normalize(torch.randn(3, CLUSTERS, DIM, generator=g), dim=2)
    sizes = torch.rand(2, CLUSTERS, generator=g) + 0.1
    built.decode_head.set_view_clusters(centroids[:2], sizes)
    built.decode_head.set_eval_clusters(centroids[2], sizes[0], num_rounds=3)
    built.start_round(0, 0)
    built.freeze_network()
    return built


def one_view():
    return dict(view1=torch.randn(2, 3, 64, 64, generator=torch.manual_seed(1)))


def labeled_points(model, inputs):
    """Points (M, D) in training mode and their labels by the frozen copy."""
    (frozen,), (maps,) = model.frozen_embed_views(inputs), model.embed_views(inputs)
    points = [m.permute(0, 2, 3, 1).flatten(0, 2) for m in (frozen, maps)]
    distances = torch.cdist(points[0], model.decode_head.centroids1)
    return points[1].double(), distances.argmin(1)


def weights_of(model, weighting):
    if weighting == 'none':
        return None
    sizes = model.decode_head.cluster_size1
    return sizes / sizes.sum()


# --- the model ----------------------------------------------------------------------


@pytest.mark.parametrize('weighting', ['none', 'frequency'])
def test_learned_loss_is_cross_entropy_of_a_convolution(weighting):
    model, inputs = build(weighting=weighting).eval(), one_view()  # without a view 2
    losses = model.loss(inputs)
    points, labels = labeled_points(model, inputs)
    weight, bias = (p.double() for p in model.decode_head.classifier.parameters())
    scores = points @ weight[:, :, 0, 0].T + bias
    expected = F.cross_entropy(scores, labels, weights_of(model, weighting))
    assert losses.keys() == {'loss_classifier'}
    assert losses['loss_classifier'].item() == pytest.approx(expected.item(), rel=1e-5)
    parameters = [model.decode_head.classifier.weight, model.neck.laterals[0].weight]
    ours, reference = (
        torch.autograd.grad(loss, parameters, retain_graph=True)
        for loss in (losses['loss_classifier'], expected)
    )
    for gradient, other in zip(ours, reference):
        assert torch.allclose(gradient, other, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize('weighting', ['none', 'frequency'])
def test_loss_without_parameters_is_cross_entropy_to_the_centroids(weighting):
    model, inputs = build('ClusteringHead', weighting=weighting).eval(), one_view()
    losses = model.loss(inputs)
    points, labels = labeled_points(model, inputs)
    scores = -torch.cdist(points, model.decode_head.centroids1.double()).square() / 2
    expected = F.cross_entropy(scores, labels, weights_of(model, weighting))
    assert losses.keys() == {'loss_within'}
    assert losses['loss_within'].item() == pytest.approx(expected.item(), rel=1e-5)


def test_ignored_pixels_do_not_matter():
    model, inputs = build().eval(), one_view()
    second = {name: value[1:] for name, value in inputs.items()}
    inputs['ignore'] = torch.zeros(2, 64, 64, dtype=torch.bool)
    inputs['ignore'][0] = True
    masked, alone = (model.loss(part)['loss_classifier'] for part in (inputs, second))
    assert torch.allclose(masked, alone, atol=1e-6)


def test_classifier_is_a_function_of_seed_and_round():
    head = build().decode_head

    def drawn(*key):
        torch.rand(3)  # the global generator has no say
        assert head.start_round(*key) == list(head.classifier.parameters())
        assert not head.classifier.bias.any()
        return head.classifier.weight.detach().clone()

    first = drawn(3, 1)
    assert torch.equal(first, drawn(3, 1))
    assert not torch.equal(first, drawn(3, 2))
    assert not torch.equal(first, drawn(4, 1))
    many = torch.cat([drawn(0, index).flatten() for index in range(200)])
    assert abs(many.mean()) < 5e-4
    assert many.std().item() == pytest.approx(0.01, rel=0.05)


@pytest.mark.parametrize('kind', ['ClassifierHead', 'ClusteringHead'])
def test_empty_batch_gives_zero_loss_and_zero_gradients(kind):
    model = build(kind)
    total = sum(model.loss({}).values())
    total.backward()
    assert total.item() == 0
    assert all(p.grad.abs().max() == 0 for p in model.parameters())


def predict(model):
    sample = SegDataSample(metainfo=dict(img_shape=(64, 64), ori_shape=(64, 64)))
    with torch.no_grad():
        return model.eval().predict(one_view()['view1'][:1], [sample])[0]


def test_classifier_predicts_by_its_own_scores():
    model = build(predict_by='classifier')
    with torch.no_grad():
        model.decode_head.classifier.bias[1] = 1.0  # more than any weight makes up
    first = predict(model)
    assert (first.pred_sem_seg.data == 1).all()
    assert 'classifier' in first.centroids and '3 round' in first.centroids
    model.start_round(0, 1)
    assert predict(model).centroids != first.centroids


def test_centroids_predict_by_default():
    model, other = build(), build('ClusteringHead')
    first, second = predict(model), predict(other)
    assert torch.equal(first.pred_sem_seg.data, second.pred_sem_seg.data)
    assert first.centroids == second.centroids


def test_classifier_of_two_views_or_heads_is_refused():
    with pytest.raises(ValueError, match='model.type=MDC .*got PiCIE with 1 head'):
        build(model='PiCIE')
    config = dict(in_channels=DIM, num_clusters=9)
    for kinds in (('ClassifierHead', 'ClusteringHead'), ('ClusteringHead',) * 2):
        heads = [dict(config, type=kind) for kind in kinds]
        heads[1]['num_clusters'] = 7
        model = dict(
            type='MDC',
            backbone=dict(type='PixelColors'),
            decode_head=heads[0],
            auxiliary_head=heads[1],
        )
        if kinds[0] == 'ClusteringHead':
            MODELS.build(ConfigDict(model))
            continue
        with pytest.raises(ValueError, match='got MDC with 2 head'):
            MODELS.build(ConfigDict(model))


@pytest.mark.parametrize('kind', ['ClassifierHead', 'ClusteringHead'])
@pytest.mark.parametrize('loss', [dict(cross_loss='mse'), dict(cross=0.5)])
def test_cross_view_options_with_one_view_are_refused(kind, loss):
    (name,) = loss
    with pytest.raises(ValueError, match=f'loss.{name}=.* has no effect in MDC'):
        build(kind, loss=loss)


def test_unknown_predictor_names_the_known_ones():
    with pytest.raises(ValueError, match=r"predict_by must be one of \('centroids'"):
        build(predict_by='view1')


# --- rounds ---------------------------------------------------------------------------


def options(ema=False, fused=False, **changes):
    hooks = [dict(type='KMeansLabelHook', batch_size=2, init_images=4)]
    if ema:
        hooks.append(dict(type='EMAHook', momentum=0.3))
    optimizer = dict(type='Adam', lr=1e-3, fused=fused)
    wrapper = dict(type='OptimWrapper', optimizer=optimizer)
    return (
        dict(model=copy.deepcopy(LEARNED), custom_hooks=hooks, optim_wrapper=wrapper)
        | changes
    )


def states(folder, epoch):
    return torch.load(folder / f'epoch_{epoch}.pth', weights_only=False)


@pytest.mark.parametrize(('ema', 'fused'), [(False, False), (True, True)])
def test_resume_equals_an_uninterrupted_run_bit_for_bit(config, tmp_path, ema, fused):
    run(config('whole', rounds=2, **options(ema, fused)))
    run(config('part', rounds=1, **options(ema, fused)))
    run(config('part', rounds=2, resume=True, **options(ema, fused)))
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
    chosen['custom_hooks'][0]['interval'] = 2
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
    chosen['custom_hooks'].append(dict(type='EMAHook', momentum=1e-9))
    head = run(config(rounds=2, **chosen)).model.decode_head
    averaged = states(tmp_path / 'run', 2)['state_dict']
    head.start_round(5, 1)
    weight = averaged['decode_head.classifier.weight']
    assert torch.allclose(weight, head.classifier.weight, atol=1e-6)


def test_learning_rate_of_the_classifier_can_be_set_apart(config):
    wrapper = options()['optim_wrapper']
    wrapper['paramwise_cfg'] = dict(
        custom_keys={'decode_head.classifier': dict(lr_mult=0.0)}
    )
    head = run(config(**options(optim_wrapper=wrapper))).model.decode_head
    trained = head.classifier.weight.detach().clone()
    head.start_round(5, 0)
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
    assert head.cluster_size1.sum() == 7 * 16 * 16
    assert torch.equal(head.centroids1, head.centroids2)
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
