"""Color and blur of a view: one 3x4 matrix and one Gaussian."""

import math

import cv2
import numpy as np

from .params import PhotometricParams

REFERENCE_FRAME = 640  # px; the frame that blur_sigma is stated for (PiCIE, COCO)

# ITU-R BT.601 luma and the NTSC chroma axes, rows Y, I, Q, columns R, G, B.
_RGB_TO_YIQ = np.array(
    [
        [0.299, 0.587, 0.114],
        [0.595716, -0.274453, -0.321263],
        [0.211456, -0.522591, 0.311135],
    ]
)
_YIQ_TO_RGB = np.linalg.inv(_RGB_TO_YIQ)
_LUMA = _RGB_TO_YIQ[0]


def _hue_rotation(turns: float) -> np.ndarray:
    # Red, yellow, green run clockwise in the I-Q plane: a positive shift, which goes
    # that way in HSV, is a negative angle here.
    angle = -2 * math.pi * turns
    rotation = np.array(
        [
            [1, 0, 0],
            [0, math.cos(angle), -math.sin(angle)],
            [0, math.sin(angle), math.cos(angle)],
        ]
    )
    return _YIQ_TO_RGB @ rotation @ _RGB_TO_YIQ


def color_matrix(params: PhotometricParams, mean_bgr: np.ndarray) -> np.ndarray:
    """Brightness, contrast, saturation, hue, grayscale (in this order) as one map.

    Hue is a rotation in YIQ, which keeps luma, instead of a shift in HSV, and values
    are clipped once at the end instead of after each operation.

    Args:
        params: What to apply.
        mean_bgr: Mean color of the base frame, (3,); contrast keeps its luma.

    Returns:
        Matrix for ``cv2.transform`` on BGR pixels, (3, 4), float64: the last column
        is added.

    Examples:
        >>> color_matrix(PhotometricParams(brightness=0.5), np.zeros(3))
        array([[0.5, 0. , 0. , 0. ],
               [0. , 0.5, 0. , 0. ],
               [0. , 0. , 0.5, 0. ]])
    """
    linear = np.eye(3) * params.brightness
    mean_luma = params.brightness * (_LUMA @ np.asarray(mean_bgr, np.float64)[::-1])
    offset = np.full(3, (1 - params.contrast) * mean_luma)
    linear = params.contrast * linear
    to_luma = np.tile(_LUMA, (3, 1))
    steps = [params.saturation * np.eye(3) + (1 - params.saturation) * to_luma]
    if params.hue:
        steps.append(_hue_rotation(params.hue))
    if params.grayscale:
        steps.append(to_luma)
    for step in steps:
        linear, offset = step @ linear, step @ offset
    return np.concatenate([linear[::-1, ::-1], offset[::-1, None]], axis=1)


def _with_infrared(
    matrix: np.ndarray, params: PhotometricParams, mean: float
) -> np.ndarray:
    """A matrix of colors for pixels with a fourth channel, (3, 4) -> (4, 5)."""
    whole = np.zeros((4, 5))
    whole[:3, :3], whole[:3, 4] = matrix[:, :3], matrix[:, 3]
    # As colors: brightness first; contrast keeps the mean that this gives.
    whole[3, 3] = params.contrast * params.brightness
    whole[3, 4] = (1 - params.contrast) * params.brightness * mean
    return whole


def apply_photometric(
    image: np.ndarray,
    params: PhotometricParams,
    mean: np.ndarray,
    frame_size: float,
) -> np.ndarray:
    """Applies color, then blur.

    Args:
        image: (H, W, 3) uint8, BGR, or (H, W, 4) with infrared behind it, which
            brightness, contrast and blur change alone.
        params: What to apply.
        mean: Mean of each channel of the base frame, (3,) or (4,).
        frame_size: Side in pixels that the whole base frame would have at the
            scale of ``image``; blur_sigma scales with it.

    Returns:
        As the image; the input itself where nothing is to be done.
    """
    matrix = color_matrix(params, mean[:3])
    if len(mean) == 4:
        matrix = _with_infrared(matrix, params, mean[3])
    if not np.array_equal(matrix, np.eye(*matrix.shape)):
        image = cv2.transform(image, matrix)
    sigma = params.blur_sigma * frame_size / REFERENCE_FRAME
    if sigma > 0:
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    return image
