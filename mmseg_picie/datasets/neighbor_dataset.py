"""A data set whose samples bring one of their nearest images along."""

from typing import Any

import torch
from mmseg.registry import DATASETS
from torch import Tensor
from torch.utils.data import Dataset

from ..errors import InputError
from ..views import current_sample, draw_neighbor, round_clock


@DATASETS.register_module()
class NeighborDataset(Dataset):
    """Adds to each sample's views an image that is like it, as STEGO trains.

    ``inputs`` gets the entry ``neighbor``: what the network sees in training of an
    image that is drawn among the nearest of the sample (its ``train_view1``, or its
    ``view1`` where there is no such view). The draw is a function of the run's seed,
    the round and the sample's number; the neighbor's view is the one it has in that
    round as a sample of its own.

    :class:`~mmseg_picie.engine.NeighborTableHook` finds the nearest images before the
    first round. Samples of a pipeline without views, as passes over plain images have
    them, are those of the wrapped data set.

    Args:
        dataset: What is wrapped: a data set, a wrapper of some, or the config of
            either.

    Attributes:
        table: Indices of the nearest others of each sample, (N, k), nearest first;
            None until they are known.
    """

    def __init__(self, dataset: Dataset | dict) -> None:
        self.dataset = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset
        self.table: Tensor | None = None

    @property
    def metainfo(self) -> dict:
        """Those of the wrapped data set."""
        return self.dataset.metainfo

    def full_init(self) -> None:
        """Lists the images."""
        self.dataset.full_init()

    def set_table(self, table: Tensor) -> None:
        """Takes the nearest others of each sample, before a loader starts workers.

        Args:
            table: Indices, (N, k), k >= 1.

        Raises:
            InputError: If it is not of as many samples.
        """
        if len(table) != len(self):
            raise InputError(
                f'table has the neighbors of {len(table)} samples, the data set has '
                f'{len(self)}'
            )
        self.table = table.to(torch.int32)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """The sample with ``inputs['neighbor']``.

        Raises:
            InputError: If the nearest images are not known.
        """
        sample = self.dataset[index]
        if not isinstance(sample['inputs'], dict):  # no views
            return sample
        other = self._drawn(index)
        with current_sample.numbered(other):
            views = self.dataset[other]['inputs']
        neighbor = views.get('train_view1', views['view1'])
        return dict(sample, inputs=dict(sample['inputs'], neighbor=neighbor))

    def _drawn(self, index: int) -> int:
        if self.table is None:
            raise InputError(
                'NeighborDataset does not know the nearest images yet: add '
                "neighbors=dict(type='NeighborTableHook') to default_hooks"
            )
        nearest = self.table[index]
        number = current_sample.read(index)
        return int(nearest[draw_neighbor(*round_clock.read(), number, len(nearest))])
