"""Paired photometric and geometric views of one image; numpy, cv2 and torch only."""

from .clock import RoundClock, round_clock
from .geometric import (
    FRAMES,
    base_frame,
    crop_image,
    inverse_warp,
    resize,
    snap_to_pixels,
    warp,
)
from .pair import ViewPair, make_views
from .params import FULL_BOX, GeometricParams, PhotometricParams, ViewParams
from .photometric import REFERENCE_FRAME, apply_photometric, colour_matrix
from .sampling import (
    ViewRanges,
    draw_order,
    draw_pixels,
    draw_view_params,
    process_seed,
)

__all__ = [
    'FRAMES',
    'FULL_BOX',
    'GeometricParams',
    'ViewPair',
    'PhotometricParams',
    'REFERENCE_FRAME',
    'RoundClock',
    'ViewParams',
    'ViewRanges',
    'apply_photometric',
    'base_frame',
    'colour_matrix',
    'crop_image',
    'draw_order',
    'draw_pixels',
    'draw_view_params',
    'inverse_warp',
    'make_views',
    'process_seed',
    'resize',
    'round_clock',
    'snap_to_pixels',
    'warp',
]
