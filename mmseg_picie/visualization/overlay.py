"""The picture of a mask: the image, the image under the mask, and a legend."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from .display_image import fit_size, sample, show_mask
from .legend import legend

SMALLEST, LARGEST = 480, 796  # px of the longer side of a panel
GAP = 8
SHARE = 0.55  # of the color over the image
# Under a color the image is gray and a little lifted, so that the color stays the one
# of the legend.
LIFT, CONTRAST = 40, 0.8
EDGE_SHARE = 0.95  # of it where two classes meet
STACKED = 2.2  # width over height from which the panels are put below each other
LEAST_WIDTH = 320  # px, for the legend of a tall image


def panel_size(size: tuple[int, int]) -> tuple[int, int]:
    """The (height, width) at which :func:`draw_overlay` shows an image.

    Args:
        size: (height, width) of the image.
    """
    wide = size[1] >= STACKED * size[0]
    return fit_size(size, SMALLEST, 2 * LARGEST + GAP if wide else LARGEST)


def draw_overlay(
    image: np.ndarray,
    ids: np.ndarray,
    areas: Mapping[int, int],
    classes: Sequence[str],
    palette: Sequence[Sequence[int]],
) -> np.ndarray:
    """The image beside itself under the mask, the legend below; nothing on the image.

    Small images are enlarged, large ones reduced; the picture is at most about 1600 px
    wide. Pixels without class keep their look.

    Args:
        image: At :func:`panel_size` of the mask, (h, w, 3) uint8 BGR.
        ids: Class ids, (H, W); ids beyond the classes have none.
        areas: Pixels of each class that occurs, by id.
        classes: Name of each class.
        palette: [r, g, b] of each class.

    Returns:
        (height, width, 3) uint8 BGR.
    """
    size = image.shape[:2]
    colors, known = show_mask(ids, palette, size)
    gray = LIFT + CONTRAST * cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[..., None]
    ground = gray * known + image * (1 - known)
    share = np.where(edges(ids, size), EDGE_SHARE, SHARE)[..., None] * known
    painted = np.round(ground * (1 - share) + colors * share).astype(np.uint8)
    stacked = size[1] >= STACKED * size[0]
    axis = 0 if stacked else 1
    gap = np.full((GAP, size[1], 3) if stacked else (size[0], GAP, 3), 255, np.uint8)
    panels = np.concatenate([image, gap, painted], axis)
    missing = max(0, LEAST_WIDTH - panels.shape[1])
    panels = cv2.copyMakeBorder(
        panels, 0, GAP // 2, 0, missing, cv2.BORDER_CONSTANT, value=[255] * 3
    )
    below = legend(areas, classes, palette, panels.shape[1], ids.size)
    return np.concatenate([panels, below])


def edges(ids: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Where a pixel and the next one to the right or below differ in their id.

    Args:
        ids: (H, W).
        size: (h, w) to look at; ids between are left out.

    Returns:
        (h, w) bool.
    """
    seen = sample(ids, size)
    found = np.zeros(size, bool)
    found[:, :-1] |= seen[:, 1:] != seen[:, :-1]
    found[:-1] |= seen[1:] != seen[:-1]
    return found
