"""Which sample of the whole data set is being loaded, also inside wrappers."""

from collections.abc import Sequence
from typing import Any

from torch.utils.data import Dataset

from ..views import current_sample


def number_samples(dataset: Dataset, numbers: Sequence[int] | None = None) -> None:
    """Lets transforms know a sample's index in the whole data set.

    A data set inside a wrapper (concat, repeat, subset) knows only its own indices.
    Sample 0 of each part would get the same random draws, and a repeated sample the
    same draws each time. A loader fetches from the outermost data set. After this call
    that data set tells the transforms the number of each sample that it loads.

    Args:
        dataset: What the loader fetches from; changed in place.
        numbers: Number of each of its samples; by default their indices.
    """
    if hasattr(dataset, '__dict__'):  # a list or a range has no transforms
        # DataLoader asks a data set for this attribute and fetches batches by it.
        dataset.__getitems__ = _Fetch(dataset, numbers)


class _Fetch:
    """Loads the samples of a batch, each under its number; can be pickled."""

    def __init__(self, dataset: Dataset, numbers: Sequence[int] | None) -> None:
        self.dataset, self.numbers = dataset, numbers

    def __call__(self, indices: Sequence[int]) -> list[Any]:
        samples = []
        for index in indices:
            number = index if self.numbers is None else self.numbers[index]
            with current_sample.numbered(number):
                samples.append(self.dataset[index])
        return samples
