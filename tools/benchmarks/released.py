"""A round as PiCIE's released code makes it (paper's repository, c3aa029).

Written from a description of its steps: five passes over the images, one for each
view's k-means, one for each view's labels, one for training; a file of labels per
image and view; views by PIL, one operation after the other; four full-size logit maps.
The network is ours, in the released memory layout.
"""

import pickle
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mmseg_picie.views import ViewParams

from .released_kmeans import lloyd, update
from .released_views import ViewFiles

INIT_BATCHES = 20


class ReleasedRound:
    """Clusters, labels and trains one round.

    Args:
        network: Backbone and neck; the last map is the embedding.
        paths: Image files.
        params: The random parameters of each image.
        size: Side of a view in pixels.
        frame: Side of the square on which colors and blur are changed, in pixels.
        num_clusters: K.
        batch_size: Images per step.
        num_workers: Loader workers.
        folder: Where the label files go.
    """

    def __init__(
        self,
        network: nn.Module,
        paths: list[str],
        params: list[ViewParams],
        size: int,
        frame: int,
        num_clusters: int,
        batch_size: int,
        num_workers: int,
        folder: Path,
    ) -> None:
        self.network = network
        self.paths = paths
        self.params = params
        self.size = size
        self.frame = frame
        self.num_clusters = num_clusters
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.folder = folder
        self.optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
        self.centroids: list[Tensor] = []

    def run(self) -> None:
        """The whole round."""
        self.centroids = [self.cluster(view) for view in (0, 1)]
        weights = [self.label(view) for view in (0, 1)]
        self.train(weights)

    def warm_up(self) -> None:
        """Takes a step on empty images: the first one allocates memory."""
        size = self.size // 4
        centroids, self.centroids = self.centroids, [torch.zeros(2, 128)] * 2
        self.network.train()
        self.step(
            [torch.zeros(2, 3, self.size, self.size)] * 2,
            torch.arange(2),
            [torch.zeros(2, size, size, dtype=torch.int64)] * 2,
            [torch.ones(2)] * 2,
        )
        self.centroids = centroids

    def loader(self, views: tuple[int, ...], with_labels: bool = False) -> DataLoader:
        """Batches of some views."""
        labels = self.folder if with_labels else None
        return DataLoader(
            ViewFiles(self.paths, self.params, views, self.size, self.frame, labels),
            batch_size=self.batch_size,
            num_workers=self.num_workers,
            shuffle=with_labels,
        )

    def embed(self, images: Tensor, view: int, indices: Tensor) -> Tensor:
        """Unit features (N, D, h, w). Those of view 2 are cropped and flipped here."""
        features = F.normalize(last_map(self.network(images)), dim=1)
        if view == 0:
            return features
        return torch.stack(
            [
                crop_features(feature, self.params[int(index)])
                for feature, index in zip(features, indices, strict=True)
            ]
        )

    @torch.no_grad()
    def cluster(self, view: int) -> Tensor:
        """Clusters the first batches by k-means, then updates by the later ones."""
        self.network.eval()
        collected: list[np.ndarray] = []
        centroids, counts = None, np.zeros(self.num_clusters)
        loader = self.loader((view,))
        for step, (indices, (images,), _) in enumerate(loader):
            points = as_points(self.embed(images, view, indices))
            if centroids is not None:
                update(centroids, counts, points)
                continue
            collected.append(points)
            if len(collected) == INIT_BATCHES or step + 1 == len(loader):
                whole = np.concatenate(collected)
                centroids, labels = lloyd(whole, self.num_clusters)
                counts += np.bincount(labels, minlength=self.num_clusters)
                collected = []
        return torch.from_numpy(centroids)

    def scores(self, images: Tensor, view: int, indices: Tensor) -> Tensor:
        """Scores, whose highest is the label, (N, K, h, w)."""
        scores = 2 * logits(self.embed(images, view, indices), self.centroids[view])
        return scores - self.centroids[view].square().sum(1)[:, None, None]

    @torch.no_grad()
    def label(self, view: int) -> Tensor:
        """Writes each image's labels to a file; returns each cluster's share."""
        self.network.eval()
        counts = torch.zeros(self.num_clusters)
        for indices, (images,), _ in self.loader((view,)):
            labels = self.scores(images, view, indices).argmax(1)
            counts += labels.flatten().bincount(minlength=self.num_clusters)
            for index, label in zip(indices.tolist(), labels, strict=True):
                with open(self.folder / f'{view}_{index}.pkl', 'wb') as file:
                    pickle.dump(label.numpy(), file)
        return counts / counts.sum()

    def train(self, weights: list[Tensor]) -> None:
        """One epoch under the stored labels."""
        self.network.train()
        for indices, images, labels in self.loader((0, 1), with_labels=True):
            self.step(images, indices, labels, weights)

    def step(
        self,
        images: list[Tensor],
        indices: Tensor,
        labels: list[Tensor],
        weights: list[Tensor],
    ) -> float:
        """One step on both views' images and labels; returns the loss."""
        features = [self.embed(images[view], view, indices) for view in (0, 1)]
        loss = released_loss(features, labels, self.centroids, weights)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()  # its meter


# --- parts ------------------------------------------------------------------------


def last_map(features) -> Tensor:
    """The last of a network's maps, which is the embedding."""
    return features if isinstance(features, Tensor) else features[-1]


def as_points(features: Tensor) -> np.ndarray:
    """(N, D, h, w) -> (N h w, D)."""
    return features.permute(0, 2, 3, 1).reshape(-1, features.shape[1]).numpy()


def crop_features(feature: Tensor, params: ViewParams) -> Tensor:
    """Crops at whole cells, resizes back and flips: (D, h, w) -> (D, h, w)."""
    size = feature.shape[-1]
    left, top, right, bottom = (round(size * edge) for edge in params.geometric.box)
    crop = feature[None, :, top : max(bottom, top + 1), left : max(right, left + 1)]
    crop = F.interpolate(crop, (size, size), mode='bilinear', align_corners=False)[0]
    return crop.flip(2) if params.geometric.flip else crop


def logits(features: Tensor, centroids: Tensor) -> Tensor:
    """Dot products as a 1x1 convolution, (N, D, h, w) -> (N, K, h, w)."""
    return F.conv2d(features, centroids[:, :, None, None])


def released_loss(
    features: list[Tensor],
    labels: list[Tensor],
    centroids: list[Tensor],
    weights: list[Tensor] | None,
) -> Tensor:
    """Mean of the four terms, each from its own full-size map of logits."""
    terms = [
        F.cross_entropy(
            logits(features[view], centroids[target]),
            labels[target],
            weight=None if weights is None else weights[target],
        )
        for view, target in ((0, 0), (1, 1), (0, 1), (1, 0))
    ]
    return sum(terms) / 4
