"""Regions to paste: drawn by (seed, round, sample), of the asked-for shape and size."""

import numpy as np
import pytest

from mmseg_picie.views import RegionRanges, draw_paste

SIZE = (60, 80)


def draws(count=200, images=7, **ranges):
    options = SIZE, RegionRanges(**ranges)
    return [draw_paste(0, r, i % images, images, *options) for r, i in pairs(count)]


def pairs(count):
    return [(index // 7, index) for index in range(count)]


def bounds(region):
    """First and last row and column of a region, and one more."""
    rows, columns = (np.flatnonzero(region.any(axis)) for axis in (1, 0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def test_the_same_key_draws_the_same_and_another_another():
    def draw(*key):
        source, region = draw_paste(*key, 50, SIZE, RegionRanges())
        return source, region.tobytes()

    assert draw(1, 2, 3) == draw(1, 2, 3)
    others = [draw(2, 2, 3), draw(1, 3, 3), draw(1, 2, 4)]
    assert len({draw(1, 2, 3), *others}) == 4


def test_all_other_images_give_regions_and_none_its_own():
    for index in range(3):
        drawn = {draw_paste(0, r, index, 3, SIZE, RegionRanges())[0] for r in range(40)}
        assert drawn == {0, 1, 2} - {index}


def test_sides_keep_to_their_range_and_regions_lie_anywhere():
    regions = [bounds(region) for _, region in draws(shapes=('box',), side=(0.25, 0.5))]
    top, bottom, left, right = np.array(regions).T
    # A side is as long as asked for, to the pixel whose center it just holds.
    for sides, length in ((bottom - top, 60), (right - left, 80)):
        assert (sides >= 0.25 * length - 1).all() and (sides <= 0.5 * length + 1).all()
        assert sides.max() - sides.min() > 0.2 * length
    assert min(top.min(), left.min()) <= 3 and bottom.max() >= 57 and right.max() >= 77


def test_shapes_fill_their_box_as_they_should():
    def filled(shape):
        shares = []
        for _, region in draws(60, shapes=(shape,), side=(0.6, 0.9)):
            top, bottom, left, right = bounds(region)
            shares.append(region[top:bottom, left:right].mean())
        return np.array(shares)

    assert (filled('box') == 1).all()
    assert filled('ellipse') == pytest.approx(np.pi / 4, abs=0.03)
    blobs = filled('blob')
    assert blobs.std() > 0.02 and 0.4 < blobs.min() < blobs.max() < 0.9


def test_a_blob_lies_in_the_ellipse_of_its_draw():
    # Shapes alone differ: the rest of a draw is made before the shape is filled.
    for (_, blob), (_, ellipse) in zip(
        draws(60, shapes=('blob',)), draws(60, shapes=('ellipse',)), strict=True
    ):
        assert blob.any() and not (blob & ~ellipse).any() and (ellipse & ~blob).any()


@pytest.mark.parametrize(
    'option, message',
    [
        (dict(shapes=()), 'shapes must name some of'),
        (dict(shapes=('star',)), "shapes must be one of .*got 'star'"),
        (dict(side=(0.0, 0.5)), r'side must be \(low, high\) within'),
        (dict(side=(0.6, 0.5)), r'side must be \(low, high\) within'),
        (dict(side=(0.6, 1.5)), r'side must be \(low, high\) within'),
    ],
)
def test_ranges_that_mean_nothing_are_refused(option, message):
    with pytest.raises(ValueError, match=message):
        RegionRanges(**option)
