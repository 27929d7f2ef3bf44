"""Everything random about one training sample, as data."""

from dataclasses import dataclass

FULL_BOX = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class PhotometricParams:
    """Color and blur of one view; the defaults change nothing.

    Attributes:
        brightness: Factor on all channels.
        contrast: Factor on the distance from the mean luma of the base frame.
        saturation: Factor on the distance from the pixel's own luma.
        hue: Shift in turns of the color circle.
        grayscale: Whether color is dropped.
        blur_sigma: Standard deviation in pixels of a 640 px base frame; 0 is none.
    """

    brightness: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    hue: float = 0.0
    grayscale: bool = False
    blur_sigma: float = 0.0


@dataclass(frozen=True)
class GeometricParams:
    """Crop, flip and turn, in this order, that both views of a sample share.

    Upside down is a flip and two quarter turns, so these three fields say all eight
    ways to lay a square.

    Attributes:
        box: (x0, y0, x1, y1) in [0, 1] of the base frame.
        flip: Whether the crop is mirrored left to right.
        turns: Quarter turns after the flip, counterclockwise, 0 to 3.
    """

    box: tuple[float, float, float, float] = FULL_BOX
    flip: bool = False
    turns: int = 0


@dataclass(frozen=True)
class ViewParams:
    """One geometric draw and two photometric draws (PiCIE, section 3.2)."""

    geometric: GeometricParams
    photometric1: PhotometricParams
    photometric2: PhotometricParams
