"""Registered shells over :mod:`mmseg_picie.views`."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from ...views import FRAMES, ViewRanges, draw_view_params, make_views, round_clock


@TRANSFORMS.register_module()
class PairedViews(BaseTransform):
    """Makes the two views of PiCIE (section 3.2) of one image.

    Reads ``img``, ``sample_idx`` and, if present, ``ignore_mask``; adds ``views``
    (:class:`mmseg_picie.views.ViewPair`). The draws are a function of the run's
    seed, the round and the sample index; a hook sets the first two
    (:class:`~mmseg_picie.engine.KMeansLabelHook`), (0, 0) before it does.

    Args:
        size: Side of both views in pixels, or (height, width).
        frame: Part of the image that is used: 'centre' (largest centred square, as
            released) or 'full' (everything; stretched to ``size``).
        **ranges: Fields of :class:`mmseg_picie.views.ViewRanges`.

    Raises:
        ValueError: If ``frame``, ``size`` or a range is not valid.
    """

    def __init__(
        self, size: int | tuple[int, int], frame: str = 'centre', **ranges
    ) -> None:
        height, width = (size, size) if isinstance(size, int) else size
        if min(height, width) < 1:
            raise ValueError(f'PairedViews.size must be positive, got {size}')
        if frame not in FRAMES:
            raise ValueError(
                f'PairedViews.frame must be one of {FRAMES}, got {frame!r}'
            )
        self.size = (height, width)
        self.frame = frame
        try:
            self.ranges = ViewRanges(**ranges)
        except TypeError as error:
            raise ValueError(
                f'PairedViews: {error}; the ranges are the fields of ViewRanges: '
                f'{sorted(ViewRanges.__dataclass_fields__)}'
            ) from None
        self.clock = round_clock

    def transform(self, results: dict) -> dict:
        """Adds ``views``."""
        seed, round_index = self.clock.read()
        params = draw_view_params(seed, round_index, results['sample_idx'], self.ranges)
        results['views'] = make_views(
            results['img'], params, self.size, self.frame, results.get('ignore_mask')
        )
        return results

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(size={self.size}, frame={self.frame!r}, '
            f'ranges={self.ranges})'
        )


@TRANSFORMS.register_module()
class PackViews(BaseTransform):
    """Turns ``views`` into tensors, still uint8: casting is the device's work.

    Returns a dict ``inputs`` of view1 and view2 (3, H, W) uint8 BGR, box (4,)
    float32, flip () bool and, with an ignore mask, ignore (H, W) bool.
    """

    def transform(self, results: dict) -> dict:
        """Packs one sample."""
        views = results['views']
        inputs = dict(
            view1=_to_chw(views.view1),
            view2=_to_chw(views.view2),
            box=torch.from_numpy(views.box),
            flip=torch.tensor(views.flip),
        )
        if views.ignore is not None:
            inputs['ignore'] = torch.from_numpy(views.ignore)
        return dict(inputs=inputs)


def _to_chw(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image).permute(2, 0, 1)
