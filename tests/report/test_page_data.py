"""What the page is told of clusters and their relations."""

import numpy as np
import pytest

from mmseg_picie.report.cluster_survey import ClusterSurvey
from mmseg_picie.report.page_data import describe_clusters, describe_relations


@pytest.fixture
def survey():
    """Cluster 2 has three quarters of each image, 0 the rest, 1 nothing."""
    survey = ClusterSurvey(3)
    ids = np.full((64, 64), 2)
    ids[:32, :32] = 0
    for gray in range(12):
        image = np.full((64, 64, 3), 20 * gray, np.uint8)
        survey.add(image, ids, np.ones((64, 64), np.float16))
    return survey


def test_clusters_without_centroids_come_by_size(survey):
    found = describe_relations(survey, None)
    assert found == dict(order=[2, 0, 1], nearest=[[], [], []], suggestions=[])


def test_suggestions_name_the_larger_cluster_first(survey):
    centroids = np.array([[1, 0.0], [-1, 0.5], [1, 1]])
    (pair,) = describe_relations(survey, centroids)['suggestions']
    assert pair == [2, 0, round(0.5**0.5, 3), 1.0]


def test_a_cluster_without_pixels_has_no_pictures(survey):
    found = describe_clusters(survey)
    assert [len(cluster['crops']) for cluster in found] == [9, 0, 9]
    assert [cluster['share'] for cluster in found] == [0.25, 0, 0.75]
    assert [cluster['images'] for cluster in found] == [12, 0, 12]
    assert found[0]['mean'] == '#6e6e6e'  # 110, the mean of 0, 20, ... 220
    # Row and column alone tell less of a corner than all; the color nothing.
    assert found[0]['follows'] == 'row and column'
    assert found[0]['content'] == 0 and found[1]['follows'] == ''
