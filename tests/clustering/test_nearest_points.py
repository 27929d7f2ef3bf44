import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.clustering.nearest_points import NearestPoints


def draw(*size):
    return torch.randn(*size, generator=torch.Generator().manual_seed(1))


def stream(query, images, top, order=None, valid=None):
    nearest = NearestPoints(query, top)
    for index in order or range(len(images)):
        nearest.add(index, images[index], None if valid is None else valid[index])
    return nearest.result()


def test_stream_equals_topk_over_everything():
    images, query = draw(30, 50, 6), draw(6)
    found = stream(query, images, 7, order=torch.randperm(30).tolist())

    cosines = F.cosine_similarity(images, query.expand_as(images), dim=2)
    best, points = cosines.max(1)
    values, indices = best.topk(7)
    assert [n.image for n in found] == indices.tolist()
    assert [n.point for n in found] == points[indices].tolist()
    assert torch.allclose(torch.tensor([n.similarity for n in found]), values)


def test_length_of_vectors_does_not_matter():
    images, query = draw(5, 8, 3), draw(3)
    scaled = images * torch.rand(5, 8, 1).add(0.1)
    first, second = stream(query, images, 3), stream(10 * query, scaled, 3)
    assert [n[1:] for n in first] == [n[1:] for n in second]


def test_ties_go_to_the_lower_image_and_point_in_any_order():
    query = torch.tensor([1.0, 0.0])
    images = query.expand(4, 3, 2)
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        found = stream(query, images, 2, order)
        assert [(n.image, n.point) for n in found] == [(0, 0), (1, 0)]


def test_points_that_do_not_count_are_left_out():
    query = torch.tensor([1.0, 0.0])
    images = torch.tensor([[[1.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]])
    valid = torch.tensor([[False, True], [False, False]])
    found = stream(query, images, 2, valid=valid)
    assert [(n.image, n.point) for n in found] == [(0, 1)]


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match='top must be >= 1, got 0'):
        NearestPoints(torch.ones(2), 0)
    with pytest.raises(ValueError, match='zero vector'):
        NearestPoints(torch.zeros(2), 1)
