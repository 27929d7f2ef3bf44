"""The views of :mod:`mmseg_picie.views` as registered transforms."""

import copy

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from ...errors import InputError, check_choice, did_you_mean
from ...views import (
    FRAMES,
    NO_CHANGE,
    ViewRanges,
    check_frame_options,
    check_square,
    current_sample,
    draw_view_params,
    make_views,
    round_clock,
)

PHOTOMETRIC = ('matrix', 'chain')
TRAIN_VIEW1 = ('augmented', 'plain')


@TRANSFORMS.register_module()
class PairedViews(BaseTransform):
    """Makes the two views of PiCIE (section 3.2) of one image.

    Reads ``img``, ``sample_idx`` and, if present, ``ignore_mask``; adds ``views``
    (:class:`mmseg_picie.views.ViewPair`). The draws are a function of the run's
    seed, the round and the sample index. :class:`~mmseg_picie.engine.RoundHook` sets
    seed and round; without it both are 0.

    Args:
        size: Side of both views in pixels, or (height, width).
        frame: Part of the image that is used: 'center' (largest centered square, as
            released) or 'full' (everything; stretched to ``size``).
        photometric: How colors are changed: 'matrix' (default; one matrix, after
            the resize) or 'chain' (released, docs/reference.md R13: one operation
            after the other on 8-bit pixels of the frame, hue in HSV, Pillow's blur;
            then the resize).
        frame_size: Side in pixels that the short side of the image is resized to
            first (released: 640), or None for the image's own pixels.
        feature_grid: Cells on a side of the feature map if view 2's crop is rounded
            to whole cells, apart from view 1's pixels (released, docs/reference.md R3:
            80), or None (default) for the same window in both views.
        train_view1: What the network in training sees of view 1: 'augmented'
            (default; view 1) or 'plain' (released on Cityscapes, docs/reference.md R10:
            the crop without photometric change; clustering and labels keep view 1).
        **ranges: Fields of :class:`mmseg_picie.views.ViewRanges`. For images with no
            up and down (cells, aerial images) ``vertical_flip_prob=0.5,
            quarter_turns=True`` shows them every way; quarter turns need a square
            ``size``. By default there are left-right flips alone, as in the paper.

    Raises:
        InputError: If an option or a range is not valid.
    """

    def __init__(
        self,
        size: int | tuple[int, int],
        frame: str = 'center',
        photometric: str = 'matrix',
        frame_size: int | None = None,
        feature_grid: int | None = None,
        train_view1: str = 'augmented',
        **ranges,
    ) -> None:
        height, width = (size, size) if isinstance(size, int) else size
        if min(height, width) < 1:
            raise InputError(f'PairedViews.size must be positive, got {size}')
        for name, value, allowed in (
            ('frame', frame, FRAMES),
            ('photometric', photometric, PHOTOMETRIC),
            ('train_view1', train_view1, TRAIN_VIEW1),
        ):
            check_choice(f'PairedViews.{name}', value, allowed)
        try:
            check_frame_options(frame, frame_size, feature_grid)
        except ValueError as error:
            raise InputError(f'PairedViews.{error}') from None
        self.size = (height, width)
        self.options = dict(
            frame=frame,
            chain=photometric == 'chain',
            frame_size=frame_size,
            feature_grid=feature_grid,
            plain_view1=train_view1 == 'plain',
        )
        known = sorted(ViewRanges.__dataclass_fields__)
        for name in ranges.keys() - set(known):
            raise InputError(
                f'PairedViews has no {name}{did_you_mean(name, known)}; besides its '
                f'own arguments it takes the fields of ViewRanges: {known}'
            )
        self.ranges = ViewRanges(**ranges)
        try:
            check_square(self.ranges.quarter_turns, self.size)
        except InputError as error:
            raise InputError(f'PairedViews: {error}') from None
        self.clock = round_clock

    def without_changes(self) -> 'PairedViews':
        """A copy that shows the whole frame in its own colors, in every round."""
        plain = copy.copy(self)
        plain.ranges = NO_CHANGE
        plain.options = dict(self.options, feature_grid=None, plain_view1=False)
        return plain

    def transform(self, results: dict) -> dict:
        """Adds ``views``."""
        seed, round_index = self.clock.read()
        number = current_sample.read(results['sample_idx'])
        params = draw_view_params(seed, round_index, number, self.ranges)
        results['views'] = make_views(
            results['img'],
            params,
            self.size,
            ignore_mask=results.get('ignore_mask'),
            **self.options,
        )
        return results

    def __repr__(self) -> str:
        options = ', '.join(f'{name}={value!r}' for name, value in self.options.items())
        return (
            f'{type(self).__name__}(size={self.size}, {options}, ranges={self.ranges})'
        )


@TRANSFORMS.register_module()
class PackViews(BaseTransform):
    """Turns ``views`` into uint8 tensors; the device casts them.

    Returns a dict ``inputs`` of view1 and view2 (3, H, W) uint8 BGR, box (4,)
    float32, flip () bool, turns () int64 and, where there are such, ignore (H, W)
    bool and train_view1 as view1.
    """

    def transform(self, results: dict) -> dict:
        """Packs one sample."""
        views = results['views']
        inputs = dict(
            view1=_to_chw(views.view1),
            view2=_to_chw(views.view2),
            box=torch.from_numpy(views.box),
            flip=torch.tensor(views.flip),
            turns=torch.tensor(views.turns),
        )
        if views.ignore is not None:
            inputs['ignore'] = torch.from_numpy(views.ignore)
        if views.train_view1 is not None:
            inputs['train_view1'] = _to_chw(views.train_view1)
        return dict(inputs=inputs)


def _to_chw(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image).permute(2, 0, 1)
