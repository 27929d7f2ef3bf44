"""ClusteringLoss: gradients in chunks, other terms, several clusterings."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from loss_case import D, M, arguments, make_case

from mmseg_picie.models import Clustering, ClusteringLoss
from mmseg_picie.models.losses import chunked_cross_entropy, clustering_loss


@pytest.fixture
def case():
    return make_case()


def large_case(num=40_001, size=8, clusters=50, dtype=torch.float32):
    """Points of two views and a clustering; every fifth pixel or so is ignored."""
    g = torch.Generator().manual_seed(1)
    z, centroids = (
        torch.randn(2, count, size, generator=g, dtype=dtype)
        for count in (num, clusters)
    )
    labels = torch.randint(clusters, (2, num), generator=g)
    labels[torch.rand(2, num, generator=g) < 0.2] = -1
    sizes = torch.randint(1, 100, (2, clusters), generator=g).double()
    points, clustering = F.normalize(z, dim=2), Clustering(labels, centroids, sizes)
    return list(points), clustering


def by_autograd(points, clustering, within=1.0, cross=1.0):
    """The default loss by PyTorch's cross-entropy: value and gradients, in float64."""
    points = [p.detach().double().requires_grad_() for p in points]
    total = 0.0
    for view, target in ((0, 0), (1, 1), (0, 1), (1, 0)):
        distance = torch.cdist(points[view], clustering.centroids[target].double())
        labels = clustering.labels[target]
        term = F.cross_entropy(-distance.square() / 2, labels, ignore_index=-1) / 4
        total = total + (within if view == target else cross) * term
    return total, torch.autograd.grad(total, points)


def assert_close(gradients, expected, tolerance=1e-5):
    for gradient, reference in zip(gradients, expected, strict=True):
        error = (gradient.double() - reference).abs().max()
        assert error <= tolerance * reference.abs().max()


@pytest.fixture
def large():
    points, clustering = large_case()
    assert len(points[0]) > 3 * chunked_cross_entropy.CPU_SCORES / 100
    return tuple(p.requires_grad_() for p in points), clustering


@pytest.mark.parametrize('rule', ['euclidean', 'dot', 'cosine'])
@pytest.mark.parametrize('weighting', ['none', 'frequency', 'inverse_sqrt'])
def test_gradient_of_each_part_passes_gradcheck(rule, weighting):
    points, clustering = large_case(6, 3, 4, torch.float64)
    loss = ClusteringLoss(rule, 0.7, weighting)
    points = [p.requires_grad_() for p in points]
    assert torch.autograd.gradcheck(
        lambda *views: tuple(loss(views, [clustering]).values()), points
    )


def test_many_chunks_equal_autograd(large):
    points, clustering = large
    total = sum(ClusteringLoss()(points, [clustering]).values())
    expected, gradients = by_autograd(points, clustering)
    assert total.item() == pytest.approx(expected.item(), rel=1e-6)
    assert_close(torch.autograd.grad(total, points), gradients)


@pytest.mark.parametrize(('within', 'cross'), [(2.0, 0.5), (1.0, 0.0), (0.0, 1.0)])
def test_unequal_incoming_gradients_are_honored(large, within, cross):
    points, clustering = large
    factors = dict(loss_within=within, loss_cross=cross)
    parts = ClusteringLoss()(points, [clustering])
    total = sum(parts[name] * factor for name, factor in factors.items() if factor)
    _, gradients = by_autograd(points, clustering, within, cross)
    assert_close(torch.autograd.grad(total, points), gradients)


def test_second_backward_gives_the_same_gradient(large):
    points, clustering = large
    total = 3 * sum(ClusteringLoss()(points, [clustering]).values())
    first = torch.autograd.grad(total, points, retain_graph=True)
    second = torch.autograd.grad(total, points)
    _, gradients = by_autograd(points, clustering, 3.0, 3.0)
    assert_close(first, gradients)
    assert_close(second, gradients)


def test_gradient_is_made_once_and_only_where_wanted(large, monkeypatch):
    points, clustering = large
    passes, one_pass = [], chunked_cross_entropy._pass

    def noted(*args, gradient, **kwargs):
        passes.append(gradient is not None)
        return one_pass(*args, gradient=gradient, **kwargs)

    monkeypatch.setattr(chunked_cross_entropy, '_pass', noted)
    with torch.no_grad():
        parts = ClusteringLoss()(points, [clustering])
    assert not any(part.requires_grad for part in parts.values())
    views = (points[0], points[1].detach())
    sum(ClusteringLoss()(views, [clustering]).values()).backward()
    assert passes == [False, False, True, False]


@pytest.mark.parametrize(
    'memory_format', [torch.contiguous_format, torch.channels_last]
)
@pytest.mark.parametrize('scores', [1, 200, 3000])
def test_maps_equal_points(memory_format, scores, monkeypatch):
    # Chunks of one pixel, of parts of a map and of two maps.
    monkeypatch.setattr(chunked_cross_entropy, 'CPU_SCORES', scores)
    points, clustering = large_case(3 * 11 * 13, 5, 4)
    _, expected = by_autograd(points, clustering)
    maps = [
        p.view(3, 11, 13, 5)
        .permute(0, 3, 1, 2)
        .contiguous(memory_format=memory_format)
        .requires_grad_()
        for p in points
    ]
    total = sum(ClusteringLoss()(maps, [clustering]).values())
    gradients = torch.autograd.grad(total, maps)
    assert all(g.is_contiguous(memory_format=memory_format) for g in gradients)
    assert_close([g.permute(0, 2, 3, 1).flatten(0, 2) for g in gradients], expected)


def test_no_points_have_an_empty_gradient(case):
    *_, centroids, sizes = case
    points = [torch.zeros(0, D, requires_grad=True) for _ in range(2)]
    labels = (torch.zeros(0, dtype=torch.int64),) * 2
    clustering = Clustering(labels, centroids, sizes)
    sum(ClusteringLoss()(points, [clustering]).values()).backward()
    assert all(p.grad.shape == (0, D) for p in points)


def squared_distance(points, labels, cross=1.0):
    """Half the mean of |z1 - z2|^2 over the pixels that count in both views."""
    valid = (labels[0] >= 0) & (labels[1] >= 0)
    return cross * F.mse_loss(*(p[valid] for p in points)) * points[0].shape[1] / 2


@pytest.mark.parametrize('cross', [1.0, 0.3])
def test_squared_distance_takes_the_place_of_the_cross_terms(large, cross):
    points, clustering = large
    loss = ClusteringLoss(cross_loss='mse', cross=cross)
    parts = loss(points, [clustering])
    doubles = [p.detach().double().requires_grad_() for p in points]
    cross_term = squared_distance(doubles, clustering.labels, cross)
    within, gradients = by_autograd(points, clustering, 1.0, 0.0)
    assert parts['loss_within'].item() == pytest.approx(within.item(), rel=1e-6)
    assert parts['loss_cross'].item() == pytest.approx(cross_term.item(), rel=1e-6)
    expected = [
        a + b for a, b in zip(gradients, torch.autograd.grad(cross_term, doubles))
    ]
    assert_close(torch.autograd.grad(sum(parts.values()), points), expected)


def test_squared_distance_of_maps_equals_that_of_points():
    points, clustering = large_case(2 * 3 * 4, 5, 4)
    maps = [p.view(2, 3, 4, 5).permute(0, 3, 1, 2) for p in points]
    loss = ClusteringLoss(cross_loss='mse')
    first, second = (loss(views, [clustering]) for views in (points, maps))
    for name, value in first.items():
        assert torch.allclose(value, second[name])


def test_squared_distance_counts_once_with_two_clusterings():
    points, first = large_case(500, 5, 4)
    second = Clustering(first.labels, first.centroids, first.cluster_sizes, factor=0.3)
    loss = ClusteringLoss(cross_loss='mse')
    once, twice = loss(points, [first]), loss(points, [first, second])
    assert torch.equal(once['loss_cross'], twice['loss_cross'])
    assert twice['loss_within'].item() == pytest.approx(
        1.3 * once['loss_within'].item(), rel=1e-6
    )


def test_squared_distance_without_points_is_zero(case):
    *_, centroids, sizes = case
    points = [torch.zeros(0, D, requires_grad=True) for _ in range(2)]
    labels = (torch.zeros(0, dtype=torch.int64),) * 2
    clustering = Clustering(labels, centroids, sizes)
    parts = ClusteringLoss(cross_loss='mse')(points, [clustering])
    sum(parts.values()).backward()
    assert all(value.item() == 0 for value in parts.values())
    assert all(p.grad.shape == (0, D) for p in points)


@pytest.mark.parametrize('weighting', ['none', 'frequency', 'inverse_sqrt'])
def test_one_view_alone_has_one_term(weighting):
    points, both = large_case(500, 5, 4)
    first = Clustering(both.labels[:1], both.centroids[:1], both.cluster_sizes[:1])
    loss = ClusteringLoss(cluster_weight=weighting)
    parts = loss(points[:1], [first])
    scores = -torch.cdist(points[0], first.centroids[0]).square() / 2
    weight = loss.class_weight(first.cluster_sizes[0])
    expected = F.cross_entropy(scores, first.labels[0], weight, ignore_index=-1)
    assert parts.keys() == {'loss_within'}
    assert parts['loss_within'].item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize('kept', [1, 10**6])  # scores: an image at a time, or all
@pytest.mark.parametrize('weighting', ['none', 'frequency', 'inverse_sqrt'])
def test_scores_of_a_classifier_give_weighted_cross_entropy(
    weighting, kept, monkeypatch
):
    monkeypatch.setattr(clustering_loss, 'KEPT_SCORES', kept)
    _, clustering = large_case(2 * 3 * 4, 5, 4)
    seen = []
    scores = torch.randn(2, 4, 3, 4, generator=torch.manual_seed(0), requires_grad=True)
    loss = ClusteringLoss(cluster_weight=weighting, temperature=0.5)
    labels, size = clustering.labels[0], clustering.cluster_sizes[0]

    def classify(maps):
        seen.append(len(maps))
        return 3 * maps

    value = loss.of_classifier(classify, scores, labels, size)
    assert seen == ([1, 1] if kept == 1 else [2])
    expected = F.cross_entropy(
        6 * scores, labels.view(2, 3, 4), loss.class_weight(size), ignore_index=-1
    )
    assert value.item() == pytest.approx(expected.item(), rel=1e-6)
    ours, reference = (torch.autograd.grad(v, scores)[0] for v in (value, expected))
    assert torch.allclose(ours, reference, atol=1e-7)


def test_autocast_changes_nothing(case):
    expected = ClusteringLoss()(*arguments(case))
    with torch.autocast('cpu', torch.bfloat16):
        assert ClusteringLoss()(*arguments(case)) == expected


def test_several_clusterings_are_summed_by_their_factors():
    points, first = large_case(500, 5, 4)
    labels = (torch.arange(500) % 7,) * 2
    second = Clustering(labels, torch.randn(2, 7, 5), torch.ones(2, 7), factor=0.3)
    points = [p.requires_grad_() for p in points]
    loss = ClusteringLoss()
    plain = loss(points, [replace(second, factor=1.0)])
    apart = sum(loss(points, [first]).values()) + 0.3 * sum(plain.values())
    both = sum(loss(points, [first, second]).values())
    assert both.item() == pytest.approx(apart.item(), rel=1e-6)
    expected = torch.autograd.grad(apart, points)
    assert_close(torch.autograd.grad(both, points), expected)


def test_weight_of_an_empty_cluster_is_finite():
    weight = ClusteringLoss(cluster_weight='inverse_sqrt').class_weight(
        torch.tensor([0.0, 1.0, 3.0])
    )
    assert torch.allclose(weight, torch.tensor([2.0, 2.0, (4 / 3) ** 0.5]))


@pytest.mark.parametrize(
    ('shape', 'num', 'message'),
    [
        ((M, D, 1), M, 'points'),
        ((M, D + 1), M, 'target.matrix'),
        ((M, D), M + 1, 'target.labels'),
    ],
)
def test_misfit_is_named(case, shape, num, message):
    _, _, centroids, sizes = case
    labels = (torch.zeros(num, dtype=torch.int64),) * 2
    with pytest.raises(ValueError, match=message):
        ClusteringLoss()(
            (torch.zeros(shape),) * 2, [Clustering(labels, centroids, sizes)]
        )


@pytest.mark.parametrize('most', [1, 7, 12, 30, 36, 1000])
def test_chunks_visit_each_point_once_and_hold_no_more_than_allowed(most):
    points = torch.zeros(3, 2, 12)
    visits = torch.zeros(3, 12, dtype=torch.int64)
    for maps, pixels in chunked_cross_entropy._chunks(points, most):
        assert visits[maps, pixels].numel() <= most
        visits[maps, pixels] += 1
    assert (visits == 1).all()
