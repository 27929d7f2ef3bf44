"""How samples become batches, in one process and in many.

Together, the batches of step i on all ranks are batch i of one process with the same
total batch size. No sample is repeated, and none is dropped unless ``drop_last`` says
so. A rank that has no samples left gets an empty batch.
"""

import math
from collections.abc import Iterator, Sequence

import torch
from mmengine.dist import get_dist_info
from mmengine.registry import FUNCTIONS
from mmseg.registry import DATA_SAMPLERS
from torch.utils.data import Sampler

from ..errors import InputError, check_least
from ..views import draw_order
from .sample_numbers import number_samples


@DATA_SAMPLERS.register_module()
class EqualStepsBatchSampler(Sampler):
    """Batches of a strided distributed sampler, the same number on every rank.

    Each sample gets the random draws of its index in the sampler's data set
    (:func:`~mmseg_picie.datasets.number_samples`).

    Args:
        sampler: mmengine's ``DefaultSampler`` with ``round_up=False``: rank r of W
            visits every W-th sample from r on.
        batch_size: Samples per step and process.
        drop_last: Whether to drop the last step if it is not full on all ranks.
        max_steps: Steps of a round at most, for data sets of which a round is to see
            a part. Every round sees another part, as the sampler shuffles. None
            (default): a round sees all.

    Raises:
        InputError: If the sampler pads, ``max_steps`` < 1, or if no step is left.
    """

    def __init__(
        self,
        sampler: Sampler,
        batch_size: int,
        drop_last: bool = False,
        max_steps: int | None = None,
    ) -> None:
        if getattr(sampler, 'round_up', False):
            raise InputError(
                'sampler.round_up must be False: a padded sampler repeats samples'
            )
        check_least('batch_size', batch_size, 1)
        check_least('batch_sampler.max_steps', max_steps, 1)
        number_samples(sampler.dataset)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last
        num_images, total = len(sampler.dataset), batch_size * get_dist_info()[1]
        steps = num_images / total
        self.num_steps = math.floor(steps) if drop_last else math.ceil(steps)
        self.num_steps = min(self.num_steps, max_steps or self.num_steps)
        if self.num_steps == 0:
            raise InputError(
                f'drop_last=True leaves no step: {num_images} images are fewer than '
                f'one batch of {total}; lower batch_size or set drop_last=False'
            )

    def __iter__(self) -> Iterator[list[int]]:
        indices = list(self.sampler)
        for step in range(self.num_steps):
            start = step * self.batch_size
            yield indices[start : start + self.batch_size]

    def __len__(self) -> int:
        return self.num_steps


class ClusteringBatchSampler(Sampler):
    """Visits each image, or each of a drawn share, once; (seed, round) set the order.

    Args:
        num_images: Images in the data set.
        batch_size: Images per step and process.
        share: Share of the images that a pass visits, in (0, 1]; every round draws
            its own.

    Attributes:
        num_images: Images of one pass.
        key: (seed, round) of the next pass; set it before iterating.
    """

    def __init__(self, num_images: int, batch_size: int, share: float = 1.0) -> None:
        check_least('cluster batch_size', batch_size, 1)
        self.population = num_images
        self.num_images = math.ceil(share * num_images)
        self.batch_size = batch_size
        self.rank, self.world_size = get_dist_info()
        self.key = (0, 0)

    def __iter__(self) -> Iterator[list[int]]:
        order = draw_order(*self.key, self.population)[: self.num_images]
        order = order[self.rank :: self.world_size]
        for step in range(len(self)):
            start = step * self.batch_size
            yield order[start : start + self.batch_size].tolist()

    def __len__(self) -> int:
        return math.ceil(self.num_images / (self.batch_size * self.world_size))


@FUNCTIONS.register_module()
def collate_views(samples: Sequence[dict]) -> dict:
    """Stacks the samples of :class:`~mmseg_picie.datasets.transforms.PackViews`.

    Args:
        samples: Packed samples of equal size; may be empty.

    Returns:
        Dict ``inputs`` of stacked tensors, (N, ...), images in channels_last memory;
        an empty dict for no samples.
    """
    if not samples:
        return dict(inputs={})
    inputs = {
        name: [sample['inputs'][name] for sample in samples]
        for name in samples[0]['inputs']
    }
    return dict(inputs={name: _stack(parts) for name, parts in inputs.items()})


def _stack(parts: list[torch.Tensor]) -> torch.Tensor:
    """Stacks tensors; images stay in the channels-last memory they were decoded in.

    Transposing them would take ten times as long as the copy.
    """
    if parts[0].dim() != 3:
        return torch.stack(parts)
    pixels = torch.stack([part.permute(1, 2, 0) for part in parts])
    return pixels.permute(0, 3, 1, 2)
