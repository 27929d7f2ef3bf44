"""Views by the released code's chain: Pillow, one operation after the other.

Slower than the color matrix by far; for comparing with the released code alone
(docs/reference.md R13). Every operation rounds and clips to 8 bits, on the whole frame.
"""

import cv2
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from .geometric import crop_image
from .params import PhotometricParams
from .photometric import REFERENCE_FRAME


def square_frame(image: np.ndarray, side: int) -> np.ndarray:
    """Resizes the short side to ``side`` pixels, then cuts the center square.

    Args:
        image: (H, W, 3) uint8, or a mask (H, W) float32.
        side: Short side after the resize, pixels; the long one is rounded down.

    Returns:
        (side, side, 3) uint8, or (side, side) float32.
    """
    height, width = image.shape[:2]
    short = min(height, width)
    size = (side * width // short, side * height // short)
    resized = Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)
    left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
    return np.asarray(resized.crop((left, top, left + side, top + side)))


def apply_chain(frame: np.ndarray, params: PhotometricParams) -> np.ndarray:
    """Brightness, contrast, saturation, hue, grayscale, blur on 8-bit pixels.

    Hue is a shift of the 8-bit H of HSV, in whole steps towards zero. Contrast keeps
    the mean luma of the frame. ``blur_sigma`` scales with the frame, as elsewhere.

    Args:
        frame: Base frame, (H, W, 3) uint8, BGR.
        params: What to apply; an operation of zero strength is left out.

    Returns:
        (H, W, 3) uint8, BGR.
    """
    image = Image.fromarray(np.ascontiguousarray(frame[..., ::-1]))
    for enhancer, factor in (
        (ImageEnhance.Brightness, params.brightness),
        (ImageEnhance.Contrast, params.contrast),
        (ImageEnhance.Color, params.saturation),
    ):
        if factor != 1:
            image = enhancer(image).enhance(factor)
    if params.hue:
        image = _shift_hue(image, int(params.hue * 255))
    if params.grayscale:
        image = image.convert('L').convert('RGB')
    if params.blur_sigma:
        sigma = params.blur_sigma * image.width / REFERENCE_FRAME
        image = image.filter(ImageFilter.GaussianBlur(sigma))
    return np.ascontiguousarray(np.asarray(image)[..., ::-1])


def _shift_hue(image: Image.Image, steps: int) -> Image.Image:
    hue, saturation, value = image.convert('HSV').split()
    hue = hue.point([(level + steps) % 256 for level in range(256)])
    return Image.merge('HSV', (hue, saturation, value)).convert('RGB')


def cut_view(
    frame: np.ndarray,
    pixels: tuple[int, int, int, int],
    flip: bool,
    size: tuple[int, int],
    turns: int = 0,
) -> np.ndarray:
    """View 1: cuts a pixel box, resizes bilinearly, without averaging, flips, turns.

    Args:
        frame: Base frame, (H, W, 3) uint8.
        pixels: (left, top, right, bottom), right and bottom exclusive.
        flip: Whether to mirror left to right.
        size: Output (height, width).
        turns: Quarter turns counterclockwise, 0 to 3; the released code has none.

    Returns:
        (height, width, 3) uint8. The released code keeps fractions from the resize
        on; here they are rounded.
    """
    floats = frame.astype(np.float32)
    view = crop_image(floats, pixels, flip, size, turns, cv2.INTER_LINEAR)
    return np.rint(view).astype(np.uint8)


def whole_view(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """View 2: Pillow's bilinear resize of a frame, which averages where it shrinks.

    Args:
        frame: Base frame, (H, W, 3) uint8.
        size: Output (height, width).
    """
    image = Image.fromarray(frame).resize(size[::-1], Image.Resampling.BILINEAR)
    return np.array(image)
