"""What the clusterings of a stream go on from."""

import pytest
import torch

from mmseg_picie.clustering import kmeans, lloyd
from mmseg_picie.engine import ClusteringSettings, StreamClusterer
from mmseg_picie.views import draw_pixels

NUM_IMAGES, NUM_CLUSTERS = 6, 5


def given():
    """The images' points, which have no clusters of their own, and centroids."""
    g = torch.Generator().manual_seed(0)
    points = torch.rand(NUM_IMAGES, 40, 3, generator=g)
    return points, torch.rand(NUM_CLUSTERS, 3, generator=g)


def fit(points, initial=None, **settings):
    """The k-means after two images a step."""
    settings = ClusteringSettings(iterations=1, **settings)
    clusterer = StreamClusterer(NUM_CLUSTERS, NUM_IMAGES, settings, (0, 0), initial)
    for first in range(0, NUM_IMAGES, 2):
        step = [first, first + 1]
        clusterer.update(list(points[step]), step, 2)
    return clusterer.finish()


def one_iteration(points, initial):
    return lloyd(points.flatten(0, 1), initial, 1).centroids


def test_warm_start_goes_on_from_the_centroids_given():
    points, initial = given()
    found = fit(points, initial, warm_start=True).centroids
    torch.testing.assert_close(found, one_iteration(points, initial))


def test_without_warm_start_a_clustering_has_an_init_of_its_own():
    points, initial = given()
    found = fit(points, initial).centroids
    assert torch.equal(found, fit(points, None).centroids)
    assert not torch.allclose(found, one_iteration(points, initial))


@pytest.mark.parametrize('init_images', [1, 4, 100])
def test_points_that_the_init_sample_stands_for_are_counted(init_images):
    points, _ = given()
    # 10 points of each image that joins the init, of 40.
    settings = dict(init_images=init_images, init_points=10 * min(init_images, 6))
    found = fit(points, **settings)
    assert found.num_points == NUM_IMAGES * 40
    assert float(found.cluster_size.sum()) == pytest.approx(NUM_IMAGES * 40)


def test_init_is_drawn_from_the_first_images_alone():
    points, _ = given()
    settings = ClusteringSettings(init_images=2, init_points=20)
    clusterer = StreamClusterer(NUM_CLUSTERS, NUM_IMAGES, settings, (0, 0))
    clusterer.update(list(points[:2]), [0, 1], 2)
    drawn = torch.cat(
        [points[index, draw_pixels(0, 0, index, 40, 10)] for index in (0, 1)]
    )
    expected = kmeans(drawn, NUM_CLUSTERS, seed=0).centroids
    assert torch.equal(clusterer.kmeans.centroids, expected)
