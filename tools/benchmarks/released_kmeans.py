"""The released code's k-means: faiss at first, then means of batches by numpy."""

from types import ModuleType

import numpy as np
import torch

from mmseg_picie.clustering import KMeansSettings, kmeans

ITERATIONS = 20


def find_faiss() -> ModuleType | None:
    """The module faiss, set to PyTorch's threads; None where it is not installed."""
    try:
        import faiss
    except ImportError:
        return None
    faiss.omp_set_num_threads(torch.get_num_threads())
    return faiss


def lloyd(points: np.ndarray, num_clusters: int) -> tuple[np.ndarray, np.ndarray]:
    """Centroids and labels by faiss, or by PyTorch where faiss is not installed."""
    faiss = find_faiss()
    if faiss is None:
        result = kmeans(
            torch.from_numpy(points),
            num_clusters,
            seed=0,
            settings=KMeansSettings(iterations=ITERATIONS, init='random'),
        )
        centroids = result.centroids.numpy()
        return centroids, nearest(points, centroids)
    clustering = faiss.Kmeans(
        points.shape[1], num_clusters, niter=ITERATIONS, max_points_per_centroid=1 << 30
    )
    clustering.train(points)
    labels = clustering.index.search(points, 1)[1][:, 0]
    return clustering.centroids, labels


def nearest(points: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    """Nearest centroid of each point, (M,), by faiss, or without it by numpy."""
    faiss = find_faiss()
    if faiss is None:
        return (points @ (2 * centroids).T - np.square(centroids).sum(1)).argmax(1)
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(centroids)
    return index.search(points, 1)[1][:, 0]


def update(centroids: np.ndarray, counts: np.ndarray, points: np.ndarray) -> None:
    """Moves each centroid towards the mean of its points, in place.

    Args:
        centroids: (K, D).
        counts: Points that each has absorbed so far, (K,); in place as well.
        points: One batch, (M, D); picked and averaged by numpy, cluster by cluster.
    """
    labels = nearest(points, centroids)
    for k in range(len(centroids)):
        own = points[labels == k]
        if len(own):
            counts[k] += len(own)
            share = len(own) / counts[k]
            centroids[k] = (1 - share) * centroids[k] + share * own.mean(0)
