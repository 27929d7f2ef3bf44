"""An evaluation as the released code makes it: PIL, numpy histograms, Hungarian."""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.optimize import linear_sum_assignment
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from .released import last_map, logits
from .released_views import MEAN, STD, open_rgb, to_float


class ValidationFiles(Dataset):
    """Whole images with the short side resized, and label maps at full size.

    Args:
        samples: ``img_path`` and ``seg_map_path`` of each.
        size: Short side in pixels.
    """

    def __init__(self, samples: list[dict], size: int) -> None:
        self.samples = samples
        self.size = size

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        sample = self.samples[index]
        image = open_rgb(sample['img_path'])
        scale = self.size / min(image.size)
        image = image.resize([round(scale * side) for side in image.size])
        labels = np.array(open_labels(sample['seg_map_path']))
        return (to_float(image) - MEAN) / STD, torch.from_numpy(labels).long()


def open_labels(path: str) -> Image.Image:
    """An index mask."""
    with Image.open(path) as labels:
        return labels.copy()


@torch.no_grad()
def evaluate(
    network: nn.Module,
    centroids: Tensor,
    loader: DataLoader,
    num_classes: int,
) -> tuple[float, float]:
    """Accuracy and mIoU after Hungarian matching; each image is counted by numpy.

    Labels from ``num_classes`` on are ignored.
    """
    network.eval()
    num_clusters = len(centroids)
    histogram = np.zeros((num_classes, num_clusters))
    for images, labels in loader:
        scores = logits(F.normalize(last_map(network(images)), dim=1), centroids)
        scores = F.interpolate(scores, labels.shape[-2:], mode='bilinear')
        clusters = scores.argmax(1).numpy()
        for own, truth in zip(clusters, labels.numpy(), strict=True):
            valid = truth < num_classes
            histogram += np.bincount(
                num_clusters * truth[valid] + own[valid],
                minlength=num_classes * num_clusters,
            ).reshape(num_classes, num_clusters)
    rows, columns = linear_sum_assignment(-histogram)
    matched = histogram[:, columns][rows]
    hits = np.diag(matched)
    union = matched.sum(0) + matched.sum(1) - hits
    return hits.sum() / histogram.sum(), float(np.mean(hits / np.maximum(union, 1)))
