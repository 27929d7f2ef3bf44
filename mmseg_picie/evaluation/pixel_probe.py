"""What probes share: they predict classes of pixels from an embedding."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

# Embedding (D, h, w) and labels (H, W) of one image.
LabeledEmbedding = tuple[Tensor, Tensor]


class PixelProbe(nn.Module):
    """Scores classes on the grid of an embedding, at the resolution of the labels.

    Args:
        num_classes: C.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.num_classes = num_classes

    @property
    def device(self) -> torch.device:
        """Where images are scored."""
        raise NotImplementedError

    def forward(self, embedding: Tensor, size: Sequence[int]) -> Tensor:
        """Scores at ``size``, (N, D, h, w) -> (N, C, H, W)."""
        raise NotImplementedError

    @torch.no_grad()
    def predict(self, images: Iterable[LabeledEmbedding]) -> list[tuple]:
        """Predicted and true classes, (H, W) each, of the images in order."""
        pairs = []
        for embedding, labels in images:
            embedding, labels = embedding.to(self.device), labels.to(self.device)
            # One at a time: scores of all classes at the size of the labels are large.
            pairs.append((self(embedding[None], labels.shape)[0].argmax(0), labels))
        return pairs

    def stacks(self, images: Iterable[LabeledEmbedding]) -> list[tuple]:
        """Images of equal sizes together, on the device of the probe."""
        groups: dict[tuple, list[LabeledEmbedding]] = {}
        for embedding, labels in images:
            sizes = tuple(embedding.shape), tuple(labels.shape)
            groups.setdefault(sizes, []).append((embedding, labels))
        return [
            tuple(torch.stack(part).to(self.device) for part in zip(*group))
            for group in groups.values()
        ]
