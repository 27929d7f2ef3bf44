"""Embeddings of the labeled images of a folder, as a predictor sees them."""

from collections.abc import Iterator

import numpy as np
import torch
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample
from torch.utils.data import Dataset

from ..datasets import LabelFolder
from .embedding_network import Embedded, embed_samples
from .input_images import read_image
from .labeled_embeddings import LabeledEmbeddings
from .predictor import Predictor

CACHE_BYTES = 2e9


class _LabeledSamples(Dataset):
    """Images at the size of the network with labels of their own size, packed."""

    def __init__(self, predictor: Predictor, labels: LabelFolder) -> None:
        self.resize, self.labels = predictor.resize, labels

    def __len__(self) -> int:
        return len(self.labels.names)

    def __getitem__(self, index: int) -> dict:
        name = self.labels.names[index]
        pixels = np.ascontiguousarray(
            self.resize(read_image(self.labels.images / name))
        )
        classes = torch.from_numpy(self.labels.load(name)[None])
        sample = SegDataSample(gt_sem_seg=PixelData(data=classes))
        sample.set_metainfo(dict(img_path=name, img_shape=pixels.shape[:2]))
        inputs = torch.from_numpy(pixels).permute(2, 0, 1)
        return dict(inputs=inputs, data_samples=sample)


class _Network:
    """What ``LabeledEmbeddings`` asks of a network, of a predictor."""

    def __init__(self, predictor: Predictor) -> None:
        self.model = predictor.model

    def embed(self, samples: list[dict]) -> Iterator[Embedded]:
        return embed_samples(self.model, samples)


def folder_embeddings(
    predictor: Predictor,
    labels: LabelFolder,
    batch_size: int = 8,
    cache_bytes: float = CACHE_BYTES,
) -> LabeledEmbeddings:
    """Batches of embeddings and labels of a folder.

    Args:
        predictor: Its network embeds.
        labels: Labels of some images.
        batch_size: Images of a batch.
        cache_bytes: Memory for embeddings, computed once if they fit.
    """
    dataset = _LabeledSamples(predictor, labels)
    network = _Network(predictor)
    return LabeledEmbeddings(network, dataset, batch_size, 0, cache_bytes)
