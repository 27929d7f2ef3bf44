"""One image and its parameters -> the two views of PiCIE."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..errors import InputError, check_least
from .chain import apply_chain, cut_view, square_frame, whole_view
from .geometric import base_frame, crop_image, resize, snap_to_grid, snap_to_pixels
from .params import GeometricParams, ViewParams
from .photometric import apply_photometric


@dataclass(frozen=True)
class ViewPair:
    """Both views of one image and what is needed to align them.

    Attributes:
        view1: Photometric draw 1 on the cropped, flipped and turned frame, (H, W, 3)
            uint8: P1 and G on the input.
        view2: Photometric draw 2 on the whole frame, (H, W, 3) uint8: G follows on
            its features.
        box: Snapped crop box, (4,), float32, for the features of view 2.
        flip: Whether G mirrors the crop, left to right.
        turns: Quarter turns of G after the flip, counterclockwise.
        ignore: Pixels of view 1's frame to leave out, (H, W) bool, or None.
        train_view1: What the network in training takes for view 1, (H, W, 3) uint8,
            or None where that is view 1.
    """

    view1: np.ndarray
    view2: np.ndarray
    box: np.ndarray
    flip: bool
    turns: int = 0
    ignore: np.ndarray | None = None
    train_view1: np.ndarray | None = None


def check_frame_options(
    frame: str, frame_size: int | None, feature_grid: int | None
) -> None:
    """Refuses options of :func:`make_views` that need a square frame without one.

    Raises:
        InputError: If ``frame_size`` or ``feature_grid`` is < 1, or given although
            ``frame`` is not 'center'.
    """
    for name, value in dict(frame_size=frame_size, feature_grid=feature_grid).items():
        if value is None:
            continue
        check_least(name, value, 1)
        if frame != 'center':
            raise InputError(f"{name}={value} needs frame='center', got {frame!r}")


def make_views(
    image: np.ndarray,
    params: ViewParams,
    size: tuple[int, int],
    frame: str = 'center',
    ignore_mask: np.ndarray | None = None,
    chain: bool = False,
    frame_size: int | None = None,
    feature_grid: int | None = None,
    plain_view1: bool = False,
) -> ViewPair:
    """Makes x1 = G(P1(x)) and x2 = P2(x) (PiCIE, section 3.2).

    Args:
        image: (H, W, 3) uint8, BGR, or (H, W, 4) with infrared.
        params: Draws of this sample.
        size: (height, width) of both views.
        frame: Base frame, 'center' or 'full'.
        ignore_mask: (H, W) bool, pixels without meaning, or None.
        chain: Whether color and blur are applied one operation after the other to the
            base frame (docs/reference.md R13), not as one matrix to the resized views.
        frame_size: Side in pixels that the image's center square is brought to
            first, or None for its own.
        feature_grid: Cells on a side of the feature map that the box is rounded on,
            apart from the image's pixels, or None for one window.
        plain_view1: Whether a view 1 without photometric change is made besides.

    Returns:
        The two views in one frame of reference.

    Raises:
        InputError: If the image is not (H, W, 3) uint8, ``frame`` is unknown, or the
            options do not go together (:func:`check_frame_options`, turns and size).

    Examples:
        >>> image = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
        >>> geometric = GeometricParams(box=(0.5, 0.0, 1.0, 0.5), flip=True)
        >>> from mmseg_picie.views import PhotometricParams
        >>> same = PhotometricParams()  # changes no color
        >>> pair = make_views(image, ViewParams(geometric, same, same), (2, 2))
        >>> np.array_equal(pair.view1, image[:2, 2:][:, ::-1])
        True
    """
    # The chain knows no infrared, nor does the frame that Pillow resizes.
    _check_image(image, needs_colors=chain or frame_size is not None)
    check_frame_options(frame, frame_size, feature_grid)
    frame_image = _framed(image, frame, frame_size)
    features, pixels = _windows(params.geometric, frame_image, feature_grid)
    window = pixels, features.flip, size, features.turns
    make = _chain_views if chain else _matrix_views
    view1, view2 = map(np.ascontiguousarray, make(frame_image, params, window))
    plain = ignore = None
    if plain_view1:
        cut = cut_view if chain else crop_image
        plain = np.ascontiguousarray(cut(frame_image, *window))
    if ignore_mask is not None:
        # Any touched pixel counts: half an ignored pixel is still no evidence.
        mask = _framed(ignore_mask.astype(np.float32), frame, frame_size)
        ignore = crop_image(mask, *window) > 0
    where = np.array(features.box, np.float32), features.flip, features.turns
    return ViewPair(view1, view2, *where, ignore, plain)


def _check_image(image: np.ndarray, needs_colors: bool) -> None:
    channels = (3,) if needs_colors else (3, 4)
    if image.ndim != 3 or image.shape[2] not in channels or image.dtype != np.uint8:
        raise InputError(
            f'image must be (H, W, 3) uint8, got {image.shape} {image.dtype}'
        )


def _framed(image: np.ndarray, frame: str, frame_size: int | None) -> np.ndarray:
    """The base frame of an image or, by the same window, of its mask."""
    if frame_size is None:
        return base_frame(image, frame)
    return square_frame(image, frame_size)


def _windows(
    params: GeometricParams, frame: np.ndarray, feature_grid: int | None
) -> tuple[GeometricParams, tuple[int, int, int, int]]:
    """What to crop of the features, and the pixels to crop of the image."""
    height, width = frame.shape[:2]
    if feature_grid is None:
        return snap_to_pixels(params, height, width)
    _, pixels = snap_to_pixels(snap_to_grid(params, width), height, width)
    return snap_to_grid(params, feature_grid), pixels


def _chain_views(
    frame: np.ndarray, params: ViewParams, window: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Both views by one operation after the other, on the whole base frame."""
    view1 = cut_view(apply_chain(frame, params.photometric1), *window)
    return view1, whole_view(apply_chain(frame, params.photometric2), window[2])


def _matrix_views(
    frame: np.ndarray, params: ViewParams, window: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Both views by one matrix each.

    Color is a pointwise affine map, which commutes with averaging pixels: it runs
    after the resize, on far fewer pixels. Only rounding and clipping differ.
    """
    (left, _, right, _), _, size, _ = window
    width = frame.shape[1]
    mean = np.array(cv2.mean(frame)[: frame.shape[2]])
    view1 = apply_photometric(
        crop_image(frame, *window),
        params.photometric1,
        mean,
        frame_size=size[1] * width / (right - left),
    )
    view2 = apply_photometric(
        resize(frame, size), params.photometric2, mean, frame_size=size[1]
    )
    return view1, view2
