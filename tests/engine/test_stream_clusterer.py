"""Where the clusterings of a stream start."""

import torch

from mmseg_picie.clustering.kmeans import lloyd
from mmseg_picie.engine.rounds.stream_clusterer import (
    ClusteringOptions,
    StreamClusterer,
)

NUM_IMAGES, NUM_CLUSTERS = 6, 5


def given():
    """The images' points, which have no clusters of their own, and a start."""
    g = torch.Generator().manual_seed(0)
    points = torch.rand(NUM_IMAGES, 40, 3, generator=g)
    return points, torch.rand(NUM_CLUSTERS, 3, generator=g)


def cluster(points, start, **options):
    """Centroids after two images a step."""
    options = ClusteringOptions(iterations=1, **options)
    clusterer = StreamClusterer(NUM_CLUSTERS, NUM_IMAGES, options, (0, 0), start)
    for first in range(0, NUM_IMAGES, 2):
        step = [first, first + 1]
        clusterer.update(list(points[step]), step, 2)
    return clusterer.finish().centroids


def one_iteration(points, start):
    return lloyd(points.flatten(0, 1), start, 1).centroids


def test_warm_start_goes_on_from_the_centroids_given():
    points, start = given()
    found = cluster(points, start, warm_start=True)
    torch.testing.assert_close(found, one_iteration(points, start))


def test_without_warm_start_a_clustering_has_an_init_of_its_own():
    points, start = given()
    found = cluster(points, start)
    assert torch.equal(found, cluster(points, None))
    assert not torch.allclose(found, one_iteration(points, start))
