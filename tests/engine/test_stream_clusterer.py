"""What the clusterings of a stream go on from."""

import torch

from mmseg_picie.clustering import lloyd
from mmseg_picie.engine import ClusteringSettings, StreamClusterer

NUM_IMAGES, NUM_CLUSTERS = 6, 5


def given():
    """The images' points, which have no clusters of their own, and centroids."""
    g = torch.Generator().manual_seed(0)
    points = torch.rand(NUM_IMAGES, 40, 3, generator=g)
    return points, torch.rand(NUM_CLUSTERS, 3, generator=g)


def cluster(points, initial, **settings):
    """Centroids after two images a step."""
    settings = ClusteringSettings(iterations=1, **settings)
    clusterer = StreamClusterer(NUM_CLUSTERS, NUM_IMAGES, settings, (0, 0), initial)
    for first in range(0, NUM_IMAGES, 2):
        step = [first, first + 1]
        clusterer.update(list(points[step]), step, 2)
    return clusterer.finish().centroids


def one_iteration(points, initial):
    return lloyd(points.flatten(0, 1), initial, 1).centroids


def test_warm_start_goes_on_from_the_centroids_given():
    points, initial = given()
    found = cluster(points, initial, warm_start=True)
    torch.testing.assert_close(found, one_iteration(points, initial))


def test_without_warm_start_a_clustering_has_an_init_of_its_own():
    points, initial = given()
    found = cluster(points, initial)
    assert torch.equal(found, cluster(points, None))
    assert not torch.allclose(found, one_iteration(points, initial))
