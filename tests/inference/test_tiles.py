"""Tiles cover an image once, overlap, and give small images whole."""

import numpy as np
import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.inference.tiles import tiles


@pytest.mark.parametrize('size', [(64, 64), (65, 64), (640, 100), (333, 1001)])
@pytest.mark.parametrize('overlap', [0.0, 0.25, 0.5])
def test_every_pixel_is_written_once_and_seen_by_its_tile(size, overlap):
    written = np.zeros(size, int)
    image = np.arange(size[0] * size[1]).reshape(size)
    copy = np.full(size, -1)
    for tile in tiles(size, 64, overlap):
        written[tile.write] += 1
        assert image[tile.read].shape == (64, 64)
        copy[tile.write] = image[tile.read][tile.inner]
    assert (written == 1).all()
    assert np.array_equal(copy, image)


def test_neighbors_share_at_least_the_overlap_and_split_it_in_half():
    found = [(t.read[1], t.write[1]) for t in tiles((64, 1000), 64, 0.25)]
    for (left, own), (right, other) in zip(found, found[1:]):
        shared = left.stop - right.start
        assert shared >= 16
        assert own.stop == other.start
        assert abs((left.stop - own.stop) - (other.start - right.start)) <= 1


def test_small_image_is_one_tile():
    (tile,) = tiles((30, 50), 64)
    assert tile.read == tile.write == tile.inner == (slice(0, 30), slice(0, 50))


def test_tile_below_the_least_is_refused():
    with pytest.raises(InputError, match='tile must be >= 64 pixels, got 10'):
        list(tiles((100, 100), 10))
