"""Where the heads of a ViT look: DINO's own picture."""

import cv2
import numpy as np

from .display_image import sample

MASS = 0.6
GAP = 4  # px of white between pictures
DIMMED = 0.25  # of the brightness where a head does not look


def keep_mass(attention: np.ndarray, mass: float = MASS) -> np.ndarray:
    """The patches that hold most of each head's attention (Caron et al., 2021, 4.2.2).

    Of each head, as few patches as hold the share, the strongest first.

    Args:
        attention: Of the class token to the patches, (heads, h, w), not negative.
        mass: Share of a head's sum over the patches, in (0, 1].

    Returns:
        (heads, h, w) bool.

    Examples:
        >>> keep_mass(np.array([[[0.5, 0.2], [0.2, 0.1]]]))
        array([[[ True,  True],
                [False, False]]])
    """
    heads = attention.reshape(len(attention), -1).astype(np.float64)
    order = np.argsort(-heads, axis=1, kind='stable')
    sums = np.cumsum(np.take_along_axis(heads, order, axis=1), axis=1)
    before = np.pad(sums, ((0, 0), (1, 0)))[:, :-1]  # what stronger patches hold
    kept = np.zeros(heads.shape, bool)
    np.put_along_axis(kept, order, before < mass * sums[:, -1:], axis=1)
    return kept.reshape(attention.shape)


def draw_attention(image: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The image, and for each head the image with all but its patches dimmed.

    Args:
        image: (H, W, 3) uint8 BGR.
        kept: Patches of each head, (heads, h, w) bool.

    Returns:
        (H, (heads + 1) (W + 4) - 4, 3) uint8 BGR, from left to right.
    """
    dimmed = np.round(DIMMED * image).astype(np.uint8)
    pictures = [image]
    for patches in kept:
        shown = sample(patches, image.shape[:2])[..., None]
        pictures.append(np.where(shown, image, dimmed))
    framed = [
        cv2.copyMakeBorder(picture, 0, 0, GAP, 0, cv2.BORDER_CONSTANT, value=[255] * 3)
        for picture in pictures
    ]
    return np.concatenate(framed, axis=1)[:, GAP:]
