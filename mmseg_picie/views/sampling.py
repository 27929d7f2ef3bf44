"""Draws what is random about views, about orders and about samples of pixels.

These draws are functions of (seed, round, sample index). So they do not depend on
worker count, batch size or rank, and a resumed run needs nothing saved. Two kinds of
draws are made elsewhere. K-means draws its initial centroids by the run's seed. Layers
such as dropout, and the correspondence loss, draw from torch's generator, which
:func:`process_seed` seeds for each rank at the first step of each round.
"""

from dataclasses import dataclass, fields

import numpy as np

from ..errors import InputError, check_choice
from .params import GeometricParams, PhotometricParams, ViewParams

BLUR_DRAWS = ('own', 'gate')
# One independent stream per purpose; a new purpose takes a new number.
_GEOMETRIC, _PHOTOMETRIC1, _PHOTOMETRIC2, _ORDER, _PIXELS, _PROCESS = range(6)
_CLASSIFIER, _NEIGHBOR, _PASTE = 6, 7, 8


@dataclass(frozen=True)
class ViewRanges:
    """Ranges and probabilities of the draws; defaults are PiCIE's (COCO-Stuff).

    Attributes:
        brightness: Half-width b of the factor's range [1 - b, 1 + b].
        contrast: Likewise.
        saturation: Likewise.
        hue: Half-width of the shift's range, in turns, at most 0.5.
        jitter_prob: Probability of each of the four operations above, on its own.
        grayscale_prob: Probability of dropping color.
        blur_prob: Probability of a blur.
        blur_sigma: Range of the blur's sigma, pixels of a 640 px base frame.
        blur_draw: What the sigma is computed from: 'own', a draw of its own that is
            uniform over the range, or 'gate' (released, docs/reference.md R2), the draw
            below ``blur_prob`` that decided on the blur, so that the sigma is the size
            of a uniform draw from [low - (high - low) p / (1 - p), low], p = blur_prob.
        crop_ratio: Range of the crop's side as a share of the base frame's side.
        flip_prob: Probability of a horizontal flip.
        vertical_flip_prob: Probability of a vertical flip, for images with no up and
            down (cells, aerial images); PiCIE has none.
        quarter_turns: Whether views are turned by 0, 90, 180 or 270 degrees, each as
            likely; for square views of such images. PiCIE has none.

    Raises:
        InputError: If a probability or a range is out of bounds, or ``blur_draw`` is
            unknown.
    """

    brightness: float = 0.3
    contrast: float = 0.3
    saturation: float = 0.3
    hue: float = 0.1
    jitter_prob: float = 0.8
    grayscale_prob: float = 0.2
    blur_prob: float = 0.5
    blur_sigma: tuple[float, float] = (0.1, 2.0)
    blur_draw: str = 'own'
    crop_ratio: tuple[float, float] = (0.5, 1.0)
    flip_prob: float = 0.5
    vertical_flip_prob: float = 0.0
    quarter_turns: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name.endswith('prob') and not 0 <= value <= 1:
                raise InputError(f'{field.name} must be in [0, 1], got {value}')
        if not isinstance(self.quarter_turns, bool):
            raise InputError(
                f'quarter_turns must be True or False, got {self.quarter_turns!r}'
            )
        for name, limit in dict(
            brightness=1, contrast=1, saturation=1, hue=0.5
        ).items():
            if not 0 <= getattr(self, name) <= limit:
                raise InputError(
                    f'{name} must be in [0, {limit}], got {getattr(self, name)}'
                )
        for name, low, high in (
            ('blur_sigma', 0.0, float('inf')),
            ('crop_ratio', 1e-3, 1.0),
        ):
            a, b = getattr(self, name)
            if not low <= a <= b <= high:
                raise InputError(
                    f'{name} must be (low, high) within [{low}, {high}], got {(a, b)}'
                )
        check_choice('blur_draw', self.blur_draw, BLUR_DRAWS)
        if self.blur_draw == 'gate' and self.blur_prob == 1:
            raise InputError("blur_draw='gate' needs blur_prob < 1, got 1")


NO_CHANGE = ViewRanges(
    jitter_prob=0.0,
    grayscale_prob=0.0,
    blur_prob=0.0,
    crop_ratio=(1.0, 1.0),
    flip_prob=0.0,
)


def _generator(seed: int, round_index: int, stream: int, index: int = 0):
    if min(seed, round_index, index) < 0:
        raise InputError(
            f'seed, round and index must be >= 0, got {(seed, round_index, index)}'
        )
    return np.random.default_rng((seed, round_index, stream, index))


def _uniform(draw: float, low: float, high: float) -> float:
    return float(low + draw * (high - low))


def _draw_photometric(rng: np.random.Generator, ranges: ViewRanges):
    gates, draws = rng.random(6), rng.random(5)

    def jitter(position: int, center: float, half_width: float) -> float:
        if gates[position] >= ranges.jitter_prob:
            return center
        return _uniform(draws[position], center - half_width, center + half_width)

    return PhotometricParams(
        brightness=jitter(0, 1.0, ranges.brightness),
        contrast=jitter(1, 1.0, ranges.contrast),
        saturation=jitter(2, 1.0, ranges.saturation),
        hue=jitter(3, 0.0, ranges.hue),
        grayscale=bool(gates[4] < ranges.grayscale_prob),
        blur_sigma=_blur_sigma(gates[5], draws[4], ranges),
    )


def _blur_sigma(gate: float, draw: float, ranges: ViewRanges) -> float:
    if gate >= ranges.blur_prob:
        return 0.0
    if ranges.blur_draw == 'gate':
        # Below zero for most gates; a Gaussian is that of the absolute value.
        draw = (gate - ranges.blur_prob) / (1 - ranges.blur_prob)
    return abs(_uniform(draw, *ranges.blur_sigma))


def _draw_geometric(rng: np.random.Generator, ranges: ViewRanges) -> GeometricParams:
    size, left, top, flip = rng.random(4)
    # Drawn after the others: what has no turns draws the same boxes and flips.
    vertical, turn = rng.random(2)
    ratio = _uniform(size, *ranges.crop_ratio)
    x0, y0 = _uniform(left, 0, 1 - ratio), _uniform(top, 0, 1 - ratio)
    upside_down = bool(vertical < ranges.vertical_flip_prob)
    turns = int(4 * turn) if ranges.quarter_turns else 0
    return GeometricParams(
        box=(x0, y0, x0 + ratio, y0 + ratio),
        # Upside down is a flip and half a turn.
        flip=bool(flip < ranges.flip_prob) != upside_down,
        turns=(turns + 2 * upside_down) % 4,
    )


def draw_view_params(
    seed: int, round_index: int, index: int, ranges: ViewRanges
) -> ViewParams:
    """Draws the parameters of both views of one sample.

    Args:
        seed: Seed of the run, >= 0.
        round_index: Round (epoch) counted from 0.
        index: Index of the sample in its data set.
        ranges: What to draw from.

    Examples:
        >>> first = draw_view_params(0, 0, 7, ViewRanges())
        >>> first == draw_view_params(0, 0, 7, ViewRanges())
        True
        >>> first == draw_view_params(0, 1, 7, ViewRanges())  # another round
        False
    """
    key = (seed, round_index)
    return ViewParams(
        geometric=_draw_geometric(_generator(*key, _GEOMETRIC, index), ranges),
        photometric1=_draw_photometric(_generator(*key, _PHOTOMETRIC1, index), ranges),
        photometric2=_draw_photometric(_generator(*key, _PHOTOMETRIC2, index), ranges),
    )


def draw_order(seed: int, round_index: int, num_images: int) -> np.ndarray:
    """Order in which a clustering pass visits the images: a permutation, (N,).

    Examples:
        >>> sorted(draw_order(seed=0, round_index=3, num_images=4).tolist())
        [0, 1, 2, 3]
    """
    return _generator(seed, round_index, _ORDER).permutation(num_images)


def draw_pixels(
    seed: int, round_index: int, index: int, num_pixels: int, num_drawn: int
) -> np.ndarray:
    """Pixels of one image that join the k-means init: sorted, no repeats.

    Returns:
        Flat indices in [0, num_pixels), (min(num_drawn, num_pixels),), int64.
    """
    if num_drawn >= num_pixels:
        return np.arange(num_pixels)
    rng = _generator(seed, round_index, _PIXELS, index)
    return np.sort(rng.choice(num_pixels, num_drawn, replace=False))


def process_seed(seed: int, round_index: int, rank: int) -> int:
    """Seed for what a network draws on its own: dropout, stochastic depth."""
    return int(_generator(seed, round_index, _PROCESS, rank).integers(2**31))


def classifier_seed(seed: int, round_index: int) -> int:
    """Seed for the weights that a learned classifier starts a clustering with."""
    return int(_generator(seed, round_index, _CLASSIFIER).integers(2**31))


def draw_neighbor(seed: int, round_index: int, index: int, count: int) -> int:
    """Which of its ``count`` nearest images a sample goes with in a round, from 0.

    Examples:
        >>> draws = [draw_neighbor(0, round_index, 5, 7) for round_index in range(99)]
        >>> sorted(set(draws))
        [0, 1, 2, 3, 4, 5, 6]
    """
    return int(_generator(seed, round_index, _NEIGHBOR, index).integers(count))


def paste_generator(seed: int, round_index: int, index: int) -> np.random.Generator:
    """What the region that is pasted into a sample is drawn by."""
    return _generator(seed, round_index, _PASTE, index)
