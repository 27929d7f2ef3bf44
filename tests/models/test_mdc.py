"""Modified DeepCluster: the model."""

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample

CLUSTERS, DIM = 5, 8


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
    views = len(built.clustered_views)
    built.decode_head.set_view_clusters(centroids[:views], sizes[:views])
    built.decode_head.set_eval_clusters(centroids[2], sizes[0], num_rounds=3)
    built.begin_round(0, 0)
    built.freeze_network()
    return built


def one_view():
    return dict(view1=torch.randn(2, 3, 64, 64, generator=torch.manual_seed(1)))


def labeled_points(model, inputs):
    """Points (M, D) in training mode and their labels by the frozen copy."""
    (frozen,), (maps,) = model.frozen_views(inputs), model.trained_views(inputs)
    points = [m.permute(0, 2, 3, 1).flatten(0, 2) for m in (frozen, maps)]
    distances = torch.cdist(points[0], model.decode_head.centroids[0])
    return points[1].double(), distances.argmin(1)


def weights_of(model, weighting):
    if weighting == 'none':
        return None
    (sizes,) = model.decode_head.cluster_sizes
    return sizes / sizes.sum()


@pytest.mark.parametrize('weighting', ['none', 'frequency'])
def test_learned_loss_is_cross_entropy_of_a_convolution(weighting):
    loss, inputs = dict(temperature=0.5), one_view()  # without a view 2
    model = build(weighting=weighting, loss=loss).eval()
    losses = model.loss(inputs)
    points, labels = labeled_points(model, inputs)
    weight, bias = (p.double() for p in model.decode_head.classifier.parameters())
    scores = (points @ weight[:, :, 0, 0].T + bias) / 0.5
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
    scores = -torch.cdist(points, model.decode_head.centroids[0].double()).square() / 2
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
        assert head.begin_round(*key) == list(head.classifier.parameters())
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
    model.begin_round(0, 1)
    assert predict(model).centroids != first.centroids


def test_classifier_scores_in_full_precision():
    head = build(predict_by='classifier').decode_head
    maps = F.normalize(torch.randn(1, DIM, 4, 4), dim=1)
    plain = head([maps])
    with torch.autocast('cpu', torch.bfloat16):
        inside = head([maps])
    assert inside.dtype == torch.float32 and torch.equal(plain, inside)


def test_centroids_predict_by_default():
    model, other = build(), build('ClusteringHead')
    first, second = predict(model), predict(other)
    assert torch.equal(first.pred_sem_seg.data, second.pred_sem_seg.data)
    assert first.centroids == second.centroids


def test_classifier_of_two_views_or_heads_is_refused():
    with pytest.raises(ValueError, match='model.type=MDC .*got PiCIE with 1 head'):
        build(model='PiCIE')
    for kind in ('ClassifierHead', 'ClusteringHead'):
        model = dict(
            type='MDC',
            backbone=dict(type='PixelColors'),
            decode_head=dict(type=kind, in_channels=DIM, num_clusters=9),
            auxiliary_clusters=7,
        )
        if kind == 'ClusteringHead':
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
