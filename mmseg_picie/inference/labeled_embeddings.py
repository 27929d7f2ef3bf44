"""Embeddings and labels of a data set, batch by batch."""

from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import Dataset

from ..engine import ImagePass, PassProgress
from ..evaluation import LabeledEmbedding, pad_labels
from ..views import draw_order
from .embedding_network import EmbeddingNetwork


class LabeledEmbeddings:
    """Batches of embeddings and labels of a data set.

    Embeddings are kept in main memory from the first pass on, if those of all images
    fit; else every pass computes them anew. The batches are the same either way.

    Args:
        network: Makes the embeddings.
        dataset: Gives packed test samples with labels.
        batch_size: Images per batch.
        num_workers: Loader workers.
        cache_bytes: Memory for embeddings and labels, in bytes.
    """

    def __init__(
        self,
        network: EmbeddingNetwork,
        dataset: Dataset,
        batch_size: int,
        num_workers: int,
        cache_bytes: float,
    ) -> None:
        self.network = network
        self.dataset = dataset
        self.batch_size = batch_size
        self.cache_bytes = cache_bytes
        self._pass = ImagePass(
            dataset, batch_size, num_workers, list, 'embedding', share=1.0
        )
        self._kept: dict[int, LabeledEmbedding] = {}
        self._complete = False

    @property
    def num_images(self) -> int:
        """Images of a pass."""
        return self._pass.num_images

    @property
    def embedding_size(self) -> int:
        """D, as the network gives it."""
        return len(self._embed([self.dataset[0]])[0][0])

    def batches(
        self, key: tuple[int, int], title: str
    ) -> Iterator[list[LabeledEmbedding]]:
        """Embedding (D, h, w) and labels (H, W) uint8 of each image, in batches.

        Args:
            key: (seed, epoch), which tells the order.
            title: Name in the progress bar.
        """
        if self._complete:
            yield from self._kept_batches(key, title)
            return
        self._kept.clear()
        used = 0
        for indices, samples in self._pass.run(key, title):
            batch = self._embed(samples)
            used += sum(part.nbytes for image in batch for part in image)
            if used <= self.cache_bytes:
                self._kept.update(zip(indices, batch, strict=True))
            else:
                self._kept.clear()
                self.cache_bytes = 0  # no need to try again
            yield batch
        self._complete = len(self._kept) == self.num_images

    def _kept_batches(
        self, key: tuple[int, int], title: str
    ) -> Iterator[list[LabeledEmbedding]]:
        order = draw_order(*key, self.num_images).tolist()
        with PassProgress(title, self.num_images) as progress:
            for start in range(0, len(order), self.batch_size):
                indices = order[start : start + self.batch_size]
                yield [self._kept[index] for index in indices]
                progress.advance(len(indices))

    def _embed(self, samples: list[dict]) -> list[LabeledEmbedding]:
        batch: list[Any] = [None] * len(samples)
        for image in self.network.embed(samples):
            sample = samples[image.position]
            labels = sample['data_samples'].gt_sem_seg.data[0].to(torch.uint8)
            size = sample['inputs'].shape[-2:]
            labels = pad_labels(labels, size, image.padded_size)
            batch[image.position] = image.embedding.cpu(), labels
        return batch
