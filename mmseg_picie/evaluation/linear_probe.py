"""Linear probe: how well a linear classifier finds the classes in an embedding."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from mmseg.evaluation import IoUMetric
from torch import Tensor, nn

from ..datasets import IGNORE
from ..errors import InputError
from .pixel_probe import LabeledEmbedding, PixelProbe


class LinearProbe(PixelProbe):
    """One 1x1 convolution with bias, scored at the resolution of the labels.

    Its logits are upsampled bilinearly, as in the code of STEGO (Hamilton et al., ICLR
    2022). The cross-entropy is convex in the weights, so they can begin at zero.

    Args:
        embedding_size: D.
        num_classes: C.
    """

    def __init__(self, embedding_size: int, num_classes: int) -> None:
        super().__init__(num_classes)
        self.conv = nn.Conv2d(embedding_size, num_classes, 1)
        nn.init.zeros_(self.conv.weight)
        nn.init.zeros_(self.conv.bias)

    @property
    def device(self) -> torch.device:
        """That of the weights."""
        return self.conv.weight.device

    def forward(self, embedding: Tensor, size: Sequence[int]) -> Tensor:
        """Logits at ``size``, (N, D, h, w) -> (N, C, H, W)."""
        return F.interpolate(
            self.conv(embedding), tuple(size), mode='bilinear', align_corners=False
        )

    def loss(self, images: Iterable[LabeledEmbedding]) -> tuple[Tensor, int]:
        """Cross-entropy of images, summed over their labeled pixels.

        Args:
            images: Embedding (D, h, w) and labels (H, W) of each, 255 for no class;
                sizes may differ.

        Returns:
            The sum, (), and the number of labeled pixels.

        Raises:
            InputError: If a label is neither a class nor 255.
        """
        total, count = self.conv.bias.new_zeros(()), 0
        for embedding, labels in self.stacks(images):
            labeled = labels != IGNORE
            if labels.numel() and int(labels.masked_fill(~labeled, 0).max()) >= (
                self.num_classes
            ):
                raise InputError(
                    f'labels must lie in [0, {self.num_classes}) or be {IGNORE}, got '
                    f'{int(labels[labeled].max())}'
                )
            total = total + F.cross_entropy(
                self(embedding, labels.shape[1:]),
                labels.long(),
                ignore_index=IGNORE,
                reduction='sum',
            )
            count += int(labeled.sum())
        return total, count


def fit_probe(
    probe: LinearProbe,
    epochs: Iterable[Iterable[Sequence[LabeledEmbedding]]],
    lr: float,
) -> list[float]:
    """Trains a probe with Adam at a constant rate.

    STEGO's code takes a rate of 0.005 for embeddings of any length. Unit vectors have
    smaller components, about D^-1/2. They need larger weights, so the rate has to be
    higher.

    Args:
        probe: Changed in place.
        epochs: Batches of each epoch; a step takes the mean over the labeled pixels
            of its batch.
        lr: Learning rate.

    Returns:
        Mean cross-entropy of each epoch over its labeled pixels, each batch before its
        step.

    Raises:
        InputError: If an epoch has no labeled pixel.
    """
    optimizer = torch.optim.Adam(probe.parameters(), lr=lr)
    losses = []
    for batches in epochs:
        total, pixels = 0.0, 0
        for images in batches:
            loss, count = probe.loss(images)
            if not count:
                continue
            optimizer.zero_grad()
            (loss / count).backward()
            optimizer.step()
            total, pixels = total + float(loss.detach()), pixels + count
        if not pixels:
            raise InputError(
                f'no pixel of the training images has a class (all are {IGNORE}): '
                'check seg_map_path and the encoding of the labels'
            )
        losses.append(total / pixels)
    return losses


def score_probe(
    probe: PixelProbe,
    batches: Iterable[Sequence[LabeledEmbedding]],
    dataset_meta: dict,
) -> tuple[dict[str, float], dict[str, dict[str, float | None]]]:
    """Ordinary scores by mmseg's ``IoUMetric``, which logs the table of classes.

    Args:
        probe: The probe.
        batches: Each image once.
        dataset_meta: Names the ``classes``.

    Returns:
        aAcc, mIoU and mAcc in percent; IoU and Acc of each class in percent, None for
        one that occurs nowhere.

    Raises:
        InputError: If no pixel has a class.
    """
    metric = IoUMetric(ignore_index=IGNORE)
    metric.dataset_meta = dataset_meta
    num_images = 0
    for images in batches:
        for classes, labels in probe.predict(images):
            sample = dict(
                pred_sem_seg=dict(data=classes), gt_sem_seg=dict(data=labels.long())
            )
            metric.process({}, [sample])
            num_images += 1
    areas = [sum(parts) for parts in zip(*metric.results, strict=True)]
    if not areas or not areas[3].sum():
        raise InputError(
            f'no pixel of the images to score has a class (all are {IGNORE}): check '
            'seg_map_path and the encoding of the labels'
        )
    of_class = IoUMetric.total_area_to_metrics(*areas)
    table = {
        name: {key: _percent(of_class[key][index]) for key in ('IoU', 'Acc')}
        for index, name in enumerate(dataset_meta['classes'])
    }
    scores = metric.evaluate(num_images)
    return {name: round(float(value), 2) for name, value in scores.items()}, table


def pad_labels(
    labels: Tensor, image_size: Sequence[int], padded_size: Sequence[int]
) -> Tensor:
    """Pads labels as the preprocessor padded the image, right and below.

    An embedding covers the padded image, so its labels have to cover it too.

    Args:
        labels: (H, W).
        image_size: Height and width of the image before padding.
        padded_size: Likewise after it.

    Returns:
        (H', W') with 255 in the padding, of the scale of ``labels``.
    """
    height, width = (
        round(size * padded / image)
        for size, padded, image in zip(
            labels.shape, padded_size, image_size, strict=True
        )
    )
    right, below = width - labels.shape[1], height - labels.shape[0]
    return F.pad(labels, (0, right, 0, below), value=IGNORE)


def _percent(share: float) -> float | None:
    share = float(share)
    return None if math.isnan(share) else float(np.round(100 * share, 2))
