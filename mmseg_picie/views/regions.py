"""Regions of images that are pasted into others: which shape, where, from where."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, check_choice
from .sampling import paste_generator

SHAPES = ('box', 'ellipse', 'blob')
BLOB_WAVES = 4  # frequencies of a blob's outline


@dataclass(frozen=True)
class RegionRanges:
    """What pasted regions are like.

    Attributes:
        shapes: Shapes to draw from, each as likely: 'box', 'ellipse' and 'blob', an
            ellipse with dents.
        side: Range of a region's width and of its height, as shares of the view's.

    Raises:
        InputError: If a shape is unknown or a share is out of bounds.
    """

    shapes: tuple[str, ...] = SHAPES
    side: tuple[float, float] = (0.3, 0.7)

    def __post_init__(self) -> None:
        if not self.shapes:
            raise InputError(f'shapes must name some of {SHAPES}, got none')
        for shape in self.shapes:
            check_choice('shapes', shape, SHAPES)
        low, high = self.side
        if not 0 < low <= high <= 1:
            raise InputError(f'side must be (low, high) within (0, 1], got {self.side}')


def draw_paste(
    seed: int,
    round_index: int,
    index: int,
    num_images: int,
    size: tuple[int, int],
    ranges: RegionRanges,
) -> tuple[int, np.ndarray]:
    """Which other image gives a region to a sample, and where it is pasted.

    Args:
        seed: Seed of the run.
        round_index: Round counted from 0.
        index: Index of the sample in its data set.
        num_images: Samples of the data set, >= 2.
        size: (height, width) of a view.
        ranges: What to draw from.

    Returns:
        Index of the other image, and the region, (height, width) bool.

    Examples:
        >>> source, region = draw_paste(0, 0, 3, 9, (16, 16), RegionRanges())
        >>> source != 3, region.shape, 0 < region.sum() < 256
        (True, (16, 16), True)
    """
    rng = paste_generator(seed, round_index, index)
    source = int(rng.integers(num_images - 1))
    shape = ranges.shapes[int(rng.integers(len(ranges.shapes)))]
    sides = rng.uniform(*ranges.side, 2)
    centers = sides / 2 + rng.random(2) * (1 - sides)
    dents = rng.normal(size=BLOB_WAVES), rng.uniform(0, 2 * np.pi, BLOB_WAVES)
    # Of each pixel's center, from the region's, in halves of its sides.
    y, x = (
        ((np.arange(length) + 0.5) / length - center) / (side / 2)
        for length, center, side in zip(size, centers, sides, strict=True)
    )
    region = _inside(shape, y[:, None], x[None], dents)
    return source + (source >= index), region


def _inside(
    shape: str, y: np.ndarray, x: np.ndarray, dents: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Whether points, (H, 1) and (1, W), are in a shape around 0 that 1 bounds."""
    if shape == 'box':
        return (abs(y) <= 1) & (abs(x) <= 1)
    radius = 1.0
    if shape == 'blob':
        sizes, phases = dents
        angle = np.arctan2(y, x)[..., None]
        waves = np.cos(np.arange(1, BLOB_WAVES + 1) * angle + phases) * sizes
        radius = 0.75 + 0.25 * waves.sum(-1) / abs(sizes).sum()  # from 0.5 to 1
    return y**2 + x**2 <= radius**2
