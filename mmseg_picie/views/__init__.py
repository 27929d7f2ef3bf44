"""Paired photometric and geometric views of one image; no OpenMMLab package."""

from .chain import apply_chain, cut_view, square_frame, whole_view
from .clock import CurrentSample, RoundClock, current_sample, round_clock
from .geometric import (
    FRAMES,
    base_frame,
    check_square,
    crop_image,
    resize,
    snap_to_grid,
    snap_to_pixels,
)
from .pair import ViewPair, check_frame_options, make_views
from .params import FULL_BOX, GeometricParams, PhotometricParams, ViewParams
from .photometric import REFERENCE_FRAME, apply_photometric, color_matrix
from .regions import RegionRanges, draw_paste
from .sampling import (
    NO_CHANGE,
    ViewRanges,
    classifier_seed,
    draw_neighbor,
    draw_order,
    draw_pixels,
    draw_view_params,
    process_seed,
)
from .warping import inverse_warp, warp

__all__ = [
    'CurrentSample',
    'FRAMES',
    'FULL_BOX',
    'GeometricParams',
    'NO_CHANGE',
    'PhotometricParams',
    'REFERENCE_FRAME',
    'RegionRanges',
    'RoundClock',
    'ViewPair',
    'ViewParams',
    'ViewRanges',
    'apply_chain',
    'apply_photometric',
    'base_frame',
    'check_frame_options',
    'check_square',
    'classifier_seed',
    'color_matrix',
    'crop_image',
    'current_sample',
    'cut_view',
    'draw_neighbor',
    'draw_order',
    'draw_paste',
    'draw_pixels',
    'draw_view_params',
    'inverse_warp',
    'make_views',
    'process_seed',
    'resize',
    'round_clock',
    'snap_to_grid',
    'snap_to_pixels',
    'square_frame',
    'warp',
    'whole_view',
]
