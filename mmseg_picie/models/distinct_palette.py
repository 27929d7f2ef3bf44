"""Colors that people tell apart, also those who confuse red and green."""

from functools import cache

import numpy as np

# The colors of Okabe and Ito (2008) without black; then whatever lies furthest.
FIRST = (
    *((86, 180, 233), (230, 159, 0), (0, 158, 115), (213, 94, 0)),
    *((204, 121, 167), (240, 228, 66), (0, 114, 178)),
)
CHOSEN = 512  # colors that are chosen by distance; the rest are only different
STEP = 10  # of the candidates' red, green and blue
LIGHTNESS = (38, 93)  # of 0 (black) to 100 (white)
LEAST_CHROMA = 22  # a gray is hard to see on a photograph
CONFUSED_WEIGHT = 1.6  # distances shrink where red and green look alike
# Protanopia and deuteranopia on linear RGB (Machado, Oliveira and Fernandes, 2009).
VISIONS = (
    (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
)
XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE = (0.95047, 1.0, 1.08883)


def distinct_palette(num_colors: int) -> list[list[int]]:
    """Colors, each far from those before it; none is gray, near black or near white.

    Color ``i`` is the same however many are asked for. The distance of two colors is
    that of CIELAB, or the scaled one of how a color-blind reader sees them, whichever
    is smaller. Around 20 colors can be told apart at a glance; beyond, neighbors in
    the list still differ. All are different up to about 10,000, then they repeat.

    Args:
        num_colors: How many.

    Returns:
        [r, g, b] each, integers in [0, 255].
    """
    if num_colors <= 0:
        return []
    # Few sizes are computed, so that calls with growing numbers stay cheap.
    size = max(32, 1 << (num_colors - 1).bit_length())
    colors = _chosen(min(size, CHOSEN))
    if num_colors > len(colors):
        colors = np.concatenate([colors, _others()])
        colors = np.resize(colors, (num_colors, 3))
    return colors[:num_colors].tolist()


@cache
def _candidates() -> np.ndarray:
    """All colors of the grid that may be used, (n, 3)."""
    levels = np.arange(0, 256, STEP)
    grid = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(-1, 3)
    lab = to_lab(grid)
    low, high = LIGHTNESS
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    return grid[(lab[:, 0] > low) & (lab[:, 0] < high) & (chroma > LEAST_CHROMA)]


@cache
def _chosen(num_colors: int) -> np.ndarray:
    """The first colors, then always the candidate that is furthest from all chosen."""
    colors = np.concatenate([FIRST, _candidates()])
    views = [to_lab(colors)]
    views += [CONFUSED_WEIGHT * to_lab(colors, vision) for vision in VISIONS]
    views = [np.ascontiguousarray(view.T, np.float32) for view in views]
    nearest = np.full(len(colors), np.inf)
    chosen = []
    for count in range(num_colors):
        index = count if count < len(FIRST) else int(nearest.argmax())
        chosen.append(index)
        for view in views:
            distance = np.square(view - view[:, index, None]).sum(0)
            np.minimum(nearest, distance, out=nearest)
    return colors[chosen]


@cache
def _others() -> np.ndarray:
    """The candidates that were not chosen, neighbors in the list far apart."""
    taken = {tuple(color) for color in _chosen(CHOSEN).tolist()}
    rest = [color for color in _candidates().tolist() if tuple(color) not in taken]
    order = np.argsort((np.arange(len(rest)) * 0.618033988749895) % 1)
    return np.array(rest)[order]


def to_lab(colors: np.ndarray, vision: tuple | None = None) -> np.ndarray:
    """CIELAB of sRGB colors.

    Args:
        colors: (n, 3), [0, 255].
        vision: What becomes of linear RGB before it is seen, (3, 3); None: all of it.

    Returns:
        L, a and b, (n, 3).
    """
    scaled = np.asarray(colors) / 255
    linear = np.where(
        scaled <= 0.04045, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4
    )
    if vision is not None:
        linear = (linear @ np.transpose(vision)).clip(0, 1)
    xyz = linear @ np.transpose(XYZ) / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack(
        [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1
    )
