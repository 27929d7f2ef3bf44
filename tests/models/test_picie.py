import copy
import math

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample

from mmseg_picie.models.points import to_points
from mmseg_picie.views.geometric import warp

RESNET = dict(type='ResNet', depth=18, norm_cfg=dict(type='BN'))
MOBILENET = dict(type='MobileNetV2', out_indices=(1, 2, 4, 6), norm_cfg=dict(type='BN'))
MIT = dict(type='MixVisionTransformer', embed_dims=32, num_heads=[1, 2, 5, 8])
SWIN = dict(
    type='SwinTransformer', embed_dims=24, num_heads=(1, 2, 3, 6), depths=(1,) * 4
)
VIT = dict(
    type='VisionTransformer',
    img_size=64,
    embed_dims=48,
    num_layers=2,
    num_heads=3,
    out_indices=(0, 1),
)
BACKBONES = dict(
    resnet=(RESNET, [64, 128, 256, 512], 4),
    mobilenet=(MOBILENET, [24, 32, 96, 320], 4),
    mit=(MIT, [32, 64, 160, 256], 4),
    swin=(SWIN, [24, 48, 96, 192], 4),
    vit=(VIT, [48, 48], 16),
)


def build(name='resnet', num_clusters=5, **model):
    init_default_scope('mmseg')
    torch.manual_seed(0)
    backbone, channels, _ = BACKBONES[name]
    config = dict(
        type='PiCIE',
        data_preprocessor=dict(
            type='ViewsDataPreProcessor', mean=[0, 50, 100], std=[1, 2, 4]
        ),
        backbone=backbone,
        neck=dict(type='LateralSumFPN', in_channels=channels, out_channels=16),
        decode_head=dict(
            type='ClusteringHead',
            in_channels=16,
            num_clusters=num_clusters,
            loss=dict(type='ClusteringLoss'),
        ),
        test_cfg=dict(mode='whole'),
    )
    config.update(model)
    return MODELS.build(ConfigDict(copy.deepcopy(config)))


def views(num=2, size=64):
    g = torch.Generator().manual_seed(1)
    return dict(
        view1=torch.randn(num, 3, size, size, generator=g),
        view2=torch.randn(num, 3, size, size, generator=g),
        box=torch.tensor([[0.1, 0.2, 0.7, 0.8], [0.0, 0.0, 0.5, 0.5]])[:num],
        flip=torch.tensor([True, False])[:num],
    )


def give_centroids(model):
    g = torch.Generator().manual_seed(2)
    head = getattr(model, 'decode_head', model)
    size = (head.num_clusters, head.in_channels)
    centroids = [F.normalize(torch.randn(size, generator=g)) for _ in range(3)]
    counts = torch.ones(head.num_clusters)
    head.set_view_clusters(tuple(centroids[:2]), (counts, counts))
    head.set_eval_clusters(centroids[2], counts, num_rounds=3)


@pytest.mark.parametrize('name', BACKBONES)
def test_any_backbone_embeds_trains_and_predicts(name):
    model = build(name)
    give_centroids(model)
    model.freeze_network()
    z1, z2 = model.embed_views(views())
    stride = BACKBONES[name][2]
    assert z1.shape == z2.shape == (2, 16, 64 // stride, 64 // stride)
    for z in (z1, z2):
        assert torch.allclose(z.norm(dim=1), torch.ones(()), atol=1e-5)
    losses = model.loss(views())
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in model.neck.parameters())
    model.eval()
    sample = SegDataSample(metainfo=dict(img_shape=(64, 64), ori_shape=(48, 40)))
    output = model.predict(torch.randn(1, 3, 64, 64), [sample])[0]
    assert output.pred_sem_seg.data.shape == (1, 48, 40)
    assert output.num_clusters == 5 and '3 round' in output.centroids


def test_view2_is_warped_before_normalizing():
    model = build().eval()
    inputs = views()
    with torch.no_grad():
        _, z2 = model.embed_views(inputs)
        (features,) = model.extract_feat(inputs['view2'])
    expected = F.normalize(
        warp(features, inputs['box'], inputs['flip'], features.shape[2:]), dim=1
    )
    assert torch.allclose(z2, expected, atol=1e-6)


def test_frozen_copy_is_outside_the_module_tree_and_leaves_no_trace():
    model = build()
    before = copy.deepcopy(model.state_dict())
    parameters = len(list(model.parameters()))
    model.freeze_network()
    model.frozen_embed_views(views())
    model.frozen_embed(views()['view1'])
    assert model.state_dict().keys() == before.keys()
    assert len(list(model.parameters())) == parameters
    assert all(torch.equal(model.state_dict()[k], v) for k, v in before.items())
    assert model.training and model.backbone.training


def test_frozen_copy_does_not_follow_training():
    model = build()
    model.freeze_network()
    before = model.frozen_embed(views()['view1'])
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1)
    assert torch.equal(model.frozen_embed(views()['view1']), before)


def test_labels_do_not_depend_on_the_precision_of_the_step():
    model = build()
    give_centroids(model)
    model.freeze_network()
    plain = model.frozen_embed_views(views())
    with torch.autocast('cpu', torch.bfloat16):
        inside = model.frozen_embed_views(views())
        losses = model.loss(views())
    assert all(torch.equal(a, b) for a, b in zip(plain, inside, strict=True))
    assert all(value.dtype == torch.float32 for value in losses.values())


def test_frozen_copy_embeds_as_the_network_in_evaluation_mode():
    model = build()
    model.freeze_network()
    frozen = model.frozen_embed_views(views())
    model.eval()
    with torch.no_grad():
        plain = model.embed_views(views())
    assert all(torch.equal(a, b) for a, b in zip(frozen, plain, strict=True))


def test_trained_network_labels_its_own_views():
    model = build(label_network='trained')
    give_centroids(model)
    with torch.no_grad():
        points = tuple(map(to_points, model.embed_views(views())))
        head = model.decode_head
        expected = head.loss(points, [head.clustering(head.label(*points))])
    losses = model.loss(views())  # needs no frozen copy
    for name, value in losses.items():
        assert value.item() == pytest.approx(expected[name].item(), rel=1e-5)
    sum(losses.values()).backward()
    assert model.backbone.conv1.weight.grad.abs().sum() > 0


def clustering_alone(model, labels):
    """Loss of the views of a model in evaluation mode under given labels."""
    with torch.no_grad():
        points = tuple(map(to_points, model.frozen_embed_views(views())))
        return model.decode_head.loss(
            points, [head.clustering(ids) for head, ids in labels]
        )


def test_only_pixels_that_both_views_label_alike_count():
    model = build(label_agreement=True).eval()
    head = model.decode_head
    give_centroids(model)
    # Ids mean the same in both views.
    head.set_view_clusters((head.centroids1,) * 2, (head.cluster_size1,) * 2)
    model.freeze_network()
    points = tuple(map(to_points, model.frozen_embed_views(views())))
    first, second = head.label(*points)
    kept = first == second
    assert 0 < kept.sum() < len(kept)
    labels = tuple(torch.where(kept, ids, -1) for ids in (first, second))
    expected = clustering_alone(model, [(head, labels)])
    losses = model.loss(views())
    for name, value in losses.items():
        assert value.item() == pytest.approx(expected[name].item(), rel=1e-5)


def test_correspondences_of_the_frozen_copy_join_the_loss():
    model = build(correspondence=dict(type='CorrespondenceLoss', weight=2.0)).eval()
    give_centroids(model)
    model.freeze_network()
    known = model.frozen_embed_views(views())
    with torch.no_grad():  # the network in training is another one by now
        for lateral in model.neck.laterals:
            lateral.weight += 0.1 * torch.randn_like(lateral.weight)
        maps = model.embed_views(views())
    valid = torch.ones(2 * 16 * 16, dtype=torch.bool)
    torch.manual_seed(3)
    expected = model.correspondence_loss(maps, known, valid, num_clusters=5)
    torch.manual_seed(3)
    losses = model.loss(views())
    assert losses['loss_correspondence'].item() == pytest.approx(expected.item())
    assert set(losses) == {'loss_within', 'loss_cross', 'loss_correspondence'}
    # A process without samples reports the same parts.
    assert set(model.loss({})) == set(losses)


@pytest.mark.parametrize('option', ['label_agreement', 'correspondence'])
def test_what_compares_two_views_is_refused_with_one(option):
    value = dict(label_agreement=True, correspondence=dict(type='CorrespondenceLoss'))
    with pytest.raises(ValueError, match=f'model.{option}=.* MDC trains on one'):
        build(type='MDC', **{option: value[option]})


def test_correspondences_of_vectors_that_are_not_unit_are_refused():
    head = dict(
        type='ClusteringHead',
        in_channels=16,
        num_clusters=5,
        normalize=False,
        loss=dict(type='ClusteringLoss'),
    )
    with pytest.raises(ValueError, match='decode_head.normalize is False'):
        build(decode_head=head, correspondence=dict(type='CorrespondenceLoss'))


def test_correspondences_without_a_frozen_copy_are_refused():
    with pytest.raises(ValueError, match="label_network='trained' runs none"):
        build(label_network='trained', correspondence=dict(type='CorrespondenceLoss'))


def test_two_clusterings_are_weighed_by_the_logarithm_of_their_sizes():
    auxiliary = dict(type='ClusteringHead', in_channels=16, num_clusters=11)
    model = build(auxiliary_head=auxiliary).eval()  # PiCIE+H with K = 5 and 11
    heads = model.decode_head, model.auxiliary_head
    for head in heads:
        give_centroids(head)
    model.freeze_network()
    points = tuple(map(to_points, model.frozen_embed_views(views())))
    with torch.no_grad():
        together = sum(model.loss(views()).values())
        alone = [
            sum(heads[0].loss(points, [head.clustering(head.label(*points))]).values())
            for head in heads
        ]
    total = math.log(5) + math.log(11)
    expected = math.log(11) / total * alone[0] + math.log(5) / total * alone[1]
    assert together.item() == pytest.approx(expected.item(), rel=1e-5)
    losses = model.loss({})  # a process without samples takes part with both
    assert sum(losses.values()).item() == 0


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('in_channels', 8),
        ('normalize', False),
        ('num_clusters', 5),
        ('loss', dict(type='ClusteringLoss')),
    ],
)
def test_auxiliary_head_that_would_not_do_as_it_says_is_refused(option, value):
    head = dict(type='ClusteringHead', in_channels=16, num_clusters=9)
    with pytest.raises(ValueError, match=f'auxiliary_head.{option}'):
        build(auxiliary_head={**head, option: value})


def test_reduced_precision_is_that_of_every_pass():
    model = build(precision='bfloat16').eval()
    plain = build().eval()  # the same weights
    seen = []
    model.neck.register_forward_hook(lambda *args: seen.append(args[2][0].dtype))
    model.freeze_network()
    with torch.no_grad():
        trained = model.embed_views(views())
        exact = plain.embed_views(views())
        frozen = model.frozen_embed_views(views())
    assert seen and set(seen) == {torch.bfloat16}
    for ours, copy_of_ours, full in zip(trained, frozen, exact, strict=True):
        assert torch.equal(ours, copy_of_ours)  # labels agree with the clustering
        assert ours.dtype == torch.float32
        assert torch.allclose(ours.norm(dim=1), torch.ones(()), atol=1e-5)
        assert 0 < (ours - full).abs().max() < 0.1


@pytest.mark.parametrize('channels_last', [True, False])
def test_memory_format_changes_no_result(channels_last):
    model = build(channels_last=channels_last).eval()
    other = build(channels_last=not channels_last).eval()
    maps = model.extract_feat(views()['view1'])[0]
    assert maps.is_contiguous(memory_format=model.memory_format)
    assert torch.allclose(maps, other.extract_feat(views()['view1'])[0], atol=1e-4)


def test_loss_without_frozen_copy_says_which_hook_is_missing():
    with pytest.raises(RuntimeError, match='KMeansLabelHook'):
        build().loss(views())


def test_empty_batch_gives_zero_loss_and_zero_gradients():
    model = build()
    give_centroids(model)
    losses = model.loss({})
    total = sum(losses.values())
    total.backward()
    assert total.item() == 0
    assert all(p.grad.abs().max() == 0 for p in model.parameters())


def test_ignored_pixels_do_not_matter():
    model = build()
    give_centroids(model)
    model.freeze_network()
    inputs = views()
    inputs['ignore'] = torch.zeros(2, 64, 64, dtype=torch.bool)
    inputs['ignore'][0] = True
    second = {name: value[1:] for name, value in inputs.items()}
    model.eval()  # running statistics: the first image must not matter at all
    masked, alone = model.loss(inputs), model.loss(second)
    for name in masked:
        assert torch.allclose(masked[name], alone[name], atol=1e-6)


def test_preprocessor_normalizes_both_views_in_rgb():
    model = build()
    raw = dict(view1=torch.randint(0, 256, (2, 3, 4, 4), dtype=torch.uint8))
    raw['view2'] = raw['view1'] // 2
    output = model.data_preprocessor(dict(inputs=raw), True)['inputs']
    rgb = raw['view2'].flip(1).float()
    mean, std = torch.tensor([0, 50, 100]), torch.tensor([1, 2, 4])
    expected = (rgb - mean[:, None, None]) / std[:, None, None]
    assert torch.equal(output['view2'], expected)


def test_prediction_without_centroids_is_refused():
    with pytest.raises(RuntimeError, match='never fitted'):
        build()(torch.randn(1, 3, 64, 64))


def test_checkpoint_of_another_number_of_clusters_is_refused():
    with pytest.raises(ValueError, match=r'\(5, 16\), the config asks for \(7, 16\)'):
        build(num_clusters=7).load_state_dict(build(num_clusters=5).state_dict())


def predict(model):
    sample = SegDataSample(metainfo=dict(img_shape=(64, 64), ori_shape=(64, 64)))
    torch.manual_seed(3)
    with torch.no_grad():
        return model.eval().predict(torch.randn(1, 3, 64, 64), [sample])[0]


def test_classes_are_predicted_through_the_stored_matching():
    clusters, classes = build(), build(predict_as='classes')
    give_centroids(clusters)
    classes.load_state_dict(clusters.state_dict())
    with pytest.raises(RuntimeError, match='store_matching'):
        predict(classes)
    table = torch.tensor([7, -1, 3, 7, 0])
    classes.decode_head.cluster_to_class.copy_(table)
    expected = table[predict(clusters).pred_sem_seg.data]
    expected[expected < 0] = 255
    output = predict(classes)
    assert torch.equal(output.pred_sem_seg.data, expected)
    assert 'num_clusters' not in output


def test_new_centroids_forget_the_matching():
    model = build()
    give_centroids(model)
    model.decode_head.cluster_to_class.fill_(2)
    give_centroids(model)
    assert (model.decode_head.cluster_to_class == -1).all()


@pytest.mark.parametrize(
    'config',
    [
        dict(predict_as='names'),
        dict(precision='float16'),
        dict(label_network='ema'),
        dict(decode_head=dict(type='ClusteringHead', in_channels=2, num_clusters=1)),
        dict(
            decode_head=dict(
                type='ClusteringHead', in_channels=2, num_clusters=3, label_rule='l2'
            )
        ),
    ],
)
def test_unknown_value_is_refused(config):
    names = 'predict_as|precision|label_network|num_clusters|label_rule'
    with pytest.raises(ValueError, match=names):
        build(**config)
