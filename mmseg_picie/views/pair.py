"""One image and its parameters -> the two views of PiCIE."""

from dataclasses import dataclass

import cv2
import numpy as np

from .geometric import base_frame, crop_image, resize, snap_to_pixels
from .params import ViewParams
from .photometric import apply_photometric


@dataclass(frozen=True)
class ViewPair:
    """Both views of one image and what is needed to align them.

    Attributes:
        view1: Photometric draw 1 on the cropped and flipped frame, (H, W, 3) uint8:
            P1 and G on the input.
        view2: Photometric draw 2 on the whole frame, (H, W, 3) uint8: G follows on
            its features.
        box: Snapped crop box, (4,), float32.
        flip: Whether G mirrors the crop.
        ignore: Pixels of view 1's frame to leave out, (H, W) bool, or None.
    """

    view1: np.ndarray
    view2: np.ndarray
    box: np.ndarray
    flip: bool
    ignore: np.ndarray | None = None


def make_views(
    image: np.ndarray,
    params: ViewParams,
    size: tuple[int, int],
    frame: str = 'centre',
    ignore_mask: np.ndarray | None = None,
) -> ViewPair:
    """Makes x1 = G(P1(x)) and x2 = P2(x) (PiCIE, section 3.2).

    Colour is a pointwise affine map, which commutes with averaging pixels: it runs
    after the resize, on far fewer pixels. Only clipping differs.

    Args:
        image: (H, W, 3) uint8, BGR.
        params: Draws of this sample.
        size: (height, width) of both views.
        frame: Base frame, 'centre' or 'full'.
        ignore_mask: (H, W) bool, pixels without meaning, or None.

    Returns:
        The two views in one frame of reference.

    Raises:
        ValueError: If the image is not (H, W, 3) uint8 or ``frame`` is unknown.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(
            f'image must be (H, W, 3) uint8, got {image.shape} {image.dtype}'
        )
    frame_image = base_frame(image, frame)
    height, width = frame_image.shape[:2]
    geometric, pixels = snap_to_pixels(params.geometric, height, width)
    mean_bgr = np.array(cv2.mean(frame_image)[:3])
    x0, _, x1, _ = geometric.box
    view1 = apply_photometric(
        crop_image(frame_image, pixels, geometric.flip, size),
        params.photometric1,
        mean_bgr,
        frame_size=size[1] / (x1 - x0),
    )
    view2 = apply_photometric(
        resize(frame_image, size), params.photometric2, mean_bgr, frame_size=size[1]
    )
    ignore = None
    if ignore_mask is not None:
        # Any touched pixel counts: half an ignored pixel is still no evidence.
        mask = base_frame(ignore_mask, frame).astype(np.float32)
        ignore = crop_image(mask, pixels, geometric.flip, size) > 0
    return ViewPair(
        np.ascontiguousarray(view1),
        np.ascontiguousarray(view2),
        np.array(geometric.box, np.float32),
        geometric.flip,
        ignore,
    )
