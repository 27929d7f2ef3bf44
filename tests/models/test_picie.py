"""PiCIE: what it embeds, labels and learns."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from mmseg.structures import SegDataSample
from picie_model import BACKBONES, build, give_centroids, views

from mmseg_picie.errors import InputError
from mmseg_picie.models import to_points
from mmseg_picie.views import warp


@pytest.mark.parametrize('name', BACKBONES)
def test_any_backbone_embeds_trains_and_predicts(name):
    model = build(name)
    give_centroids(model)
    model.freeze_network()
    z1, z2 = model.trained_views(views())
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
        _, z2 = model.trained_views(inputs)
        (features,) = model.extract_feat(inputs['view2'])
    expected = F.normalize(
        warp(
            features, inputs['box'], inputs['flip'], features.shape[2:], inputs['turns']
        ),
        dim=1,
    )
    assert torch.allclose(z2, expected, atol=1e-6)


def test_frozen_copy_is_outside_the_module_tree_and_leaves_no_trace():
    model = build()
    before = copy.deepcopy(model.state_dict())
    parameters = len(list(model.parameters()))
    model.freeze_network()
    model.frozen_views(views())
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
    plain = model.frozen_views(views())
    with torch.autocast('cpu', torch.bfloat16):
        inside = model.frozen_views(views())
        losses = model.loss(views())
    assert all(torch.equal(a, b) for a, b in zip(plain, inside, strict=True))
    assert all(value.dtype == torch.float32 for value in losses.values())


def test_frozen_copy_embeds_as_the_network_in_evaluation_mode():
    model = build()
    model.freeze_network()
    frozen = model.frozen_views(views())
    model.eval()
    with torch.no_grad():
        plain = model.trained_views(views())
    assert all(torch.equal(a, b) for a, b in zip(frozen, plain, strict=True))


def move(model):
    """Changes the network as training would."""
    torch.manual_seed(4)
    with torch.no_grad():
        for lateral in model.neck.laterals:
            lateral.weight += 0.1 * torch.randn_like(lateral.weight)


def test_frozen_copy_labels_what_the_network_in_training_embeds():
    model = build().eval()
    give_centroids(model)
    model.freeze_network()
    move(model)
    head = model.decode_head
    frozen, trained = (
        tuple(map(to_points, maps))
        for maps in (model.frozen_views(views()), model.trained_views(views()))
    )
    labels = head.label(*frozen)
    assert not torch.equal(labels[0], head.label(*trained)[0])
    expected = head.loss(trained, [head.clustering(labels)])
    losses = model.loss(views())
    for name, value in losses.items():
        assert value.item() == pytest.approx(expected[name].item(), rel=1e-5)


def test_trained_network_labels_its_own_views():
    model = build(label_network='trained')
    give_centroids(model)
    with torch.no_grad():
        points = tuple(map(to_points, model.trained_views(views())))
        head = model.decode_head
        expected = head.loss(points, [head.clustering(head.label(*points))])
    losses = model.loss(views())  # needs no frozen copy
    for name, value in losses.items():
        assert value.item() == pytest.approx(expected[name].item(), rel=1e-5)
    sum(losses.values()).backward()
    assert model.backbone.conv1.weight.grad.abs().sum() > 0


def test_only_pixels_that_both_views_label_alike_count():
    # A second clustering learns from the same pixels, whatever its own labels say.
    model = build(label_agreement=True, auxiliary_clusters=9).eval()
    heads = model.clustering_heads
    for head in heads:
        give_centroids(head)
        # Ids mean the same in both views.
        head.set_view_clusters(head.centroids[:1], head.cluster_sizes[:1])
    model.freeze_network()
    points = tuple(map(to_points, model.frozen_views(views())))
    labels = [head.label(*points) for head in heads]
    kept, other = (first == second for first, second in labels)
    assert 0 < kept.sum() < len(kept) and not torch.equal(kept, other)
    with torch.no_grad():
        clusterings = [
            head.clustering(
                tuple(torch.where(kept, ids, -1) for ids in both),
                math.log(opposite.num_clusters) / math.log(5 * 9),
            )
            for head, both, opposite in zip(heads, labels, heads[::-1], strict=True)
        ]
        expected = model.decode_head.loss(points, clusterings)
    losses = model.loss(views())
    for name, value in losses.items():
        assert value.item() == pytest.approx(expected[name].item(), rel=1e-5)


def test_correspondences_of_the_frozen_copy_join_the_loss():
    model = build(correspondence=dict(type='CorrespondenceLoss', weight=2.0)).eval()
    give_centroids(model)
    model.freeze_network()
    known = model.frozen_views(views())
    move(model)
    with torch.no_grad():
        maps = model.trained_views(views())
    valid = torch.ones(2 * 16 * 16, dtype=torch.bool)
    torch.manual_seed(3)
    expected = model.correspondence_loss(maps, known, valid, num_clusters=5)
    torch.manual_seed(3)
    losses = model.loss(views())
    assert losses['loss_correspondence'].item() == pytest.approx(expected.item())
    assert set(losses) == {'loss_within', 'loss_cross', 'loss_correspondence'}
    # A process without samples reports the same parts.
    assert set(model.loss({})) == set(losses)


def test_contrast_of_the_views_joins_the_loss():
    contrast = dict(type='PixelContrastLoss', weight=2.0, num_points=20)
    model = build(contrast=contrast, label_network='trained').eval()
    give_centroids(model)
    with torch.no_grad():
        maps = model.trained_views(views())
    valid = torch.ones(2 * 16 * 16, dtype=torch.bool)
    torch.manual_seed(3)
    expected = model.contrast_loss(maps, valid)
    torch.manual_seed(3)
    losses = model.loss(views())
    assert losses['loss_contrast'].item() == pytest.approx(expected.item(), rel=1e-5)
    assert set(losses) == {'loss_within', 'loss_cross', 'loss_contrast'}
    assert set(model.loss({})) == set(losses)


def test_two_clusterings_are_weighed_by_the_logarithm_of_their_sizes():
    model = build(auxiliary_clusters=11).eval()  # PiCIE+H with K = 5 and 11
    heads = model.decode_head, model.auxiliary_head
    for head in heads:
        give_centroids(head)
    model.freeze_network()
    points = tuple(map(to_points, model.frozen_views(views())))
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


def test_second_clustering_is_of_the_points_of_the_first():
    head = dict(
        type='ClusteringHead',
        in_channels=16,
        num_clusters=5,
        normalize=False,
        in_index=0,
        loss=dict(type='ClusteringLoss'),
    )
    model = build(decode_head=head, auxiliary_clusters=9)
    second = model.auxiliary_head
    assert (second.num_clusters, second.in_channels) == (9, 16)
    assert (second.normalize, second.in_index) == (False, 0)
    assert second.clustering_loss is None


def test_second_clustering_of_the_same_size_is_refused():
    with pytest.raises(InputError, match='auxiliary_clusters must differ .*5 for both'):
        build(auxiliary_clusters=5)


def test_head_without_centroids_is_refused():
    with pytest.raises(InputError, match='model.decode_head must be .*FCNHead'):
        build(decode_head=dict(type='FCNHead', in_channels=16, num_classes=5))


def test_loss_without_frozen_copy_says_which_hook_is_missing():
    with pytest.raises(InputError, match='KMeansLabelHook'):
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
