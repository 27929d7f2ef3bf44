"""Which images are compared, and at which points."""

import pytest
import torch

from mmseg_picie.models.image_pairs import points_at, random_others, random_places


@pytest.mark.parametrize('count', [2, 3, 8])
def test_others_are_all_images_and_never_the_image_itself(count):
    seen = set()
    for seed in range(60):
        torch.manual_seed(seed)
        others = random_others(count).tolist()
        assert len(others) == count
        assert all(0 <= other < count for other in others)
        assert all(own != other for own, other in enumerate(others))
        seen.update(enumerate(others))
    assert len(seen) == count * (count - 1)


@pytest.mark.parametrize('count', [0, 1])
def test_one_image_alone_has_no_other(count):
    assert random_others(count).shape == (0,)


def test_places_are_uniform_and_follow_the_seed():
    torch.manual_seed(1)
    places = random_places(50, 11)
    torch.manual_seed(1)
    assert torch.equal(places, random_places(50, 11))
    assert places.shape == (50, 11, 11, 2)
    assert places.min() >= -1 and places.max() <= 1
    for axis in range(2):
        counts = torch.histc(places[..., axis], 4, -1, 1) / places[..., axis].numel()
        assert (counts - 0.25).abs().max() < 0.02


def test_points_are_bilinear_between_cells():
    maps = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    places = torch.tensor([[[[-1.0, -1.0], [1.0, 1.0]], [[0.0, 1.0], [-0.75, -1.0]]]])
    found = points_at(maps, places.expand(2, -1, -1, -1))
    expected = [
        maps[:, :, 0, 0],
        maps[:, :, 3, 4],
        maps[:, :, 3, 2],
        (maps[:, :, 0, 0] + maps[:, :, 0, 1]) / 2,
    ]
    torch.testing.assert_close(found, torch.stack(expected, 1))


def test_without_places_all_cells_are_points_in_order():
    maps = torch.arange(24.0).view(1, 2, 3, 4)
    assert points_at(maps, None)[0, :, 0].tolist() == list(range(12))
