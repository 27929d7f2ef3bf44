"""Training on a share of the images, for data sets that are labeled in part."""

import itertools
from collections.abc import Iterator

from mmengine.dist import get_dist_info
from mmengine.logging import print_log
from mmseg.registry import DATA_SAMPLERS
from torch.utils.data import Dataset, Sampler

from ..errors import InputError
from ..views import draw_order


@DATA_SAMPLERS.register_module()
class ShareSampler(Sampler):
    """Endless passes over a drawn share of the images, for iteration-based training.

    The runner gives the seed, and each seed draws other images. Shares of one seed are
    nested: a larger share has all images of a smaller one. Each pass draws its own
    order; rank r of W takes every W-th image from r on.

    Args:
        dataset: What to draw from.
        share: Share of the images, in (0, 1]; rounded, at least one image.
        seed: Seed of the run, >= 0.

    Attributes:
        images: Indices of the drawn images, (n,) int64.

    Raises:
        InputError: If ``share`` is out of bounds.
    """

    def __init__(self, dataset: Dataset, share: float = 1.0, seed: int = 0) -> None:
        if not 0 < share <= 1:
            raise InputError(f'ShareSampler.share must be in (0, 1], got {share}')
        count = max(1, round(share * len(dataset)))
        self.seed = seed
        self.images = draw_order(seed, 0, len(dataset))[:count]
        self.rank, self.world_size = get_dist_info()
        print_log(
            f'ShareSampler: {count} of {len(dataset)} images (share {share}, seed '
            f'{seed})',
            'current',
        )

    def __iter__(self) -> Iterator[int]:
        return itertools.islice(self._passes(), self.rank, None, self.world_size)

    def _passes(self) -> Iterator[int]:
        for number in itertools.count(1):
            order = draw_order(self.seed, number, len(self.images))
            yield from self.images[order].tolist()

    def __len__(self) -> int:
        return len(self.images)
