import json

import pytest

from mmseg_picie.checkpoints.stored_matching import check_matching_source, read_matching

TABLE = dict(
    protocol='training split',
    num_clusters=3,
    centroids='evaluation centroids 12345678 after 3 round(s)',
    classes=['sky', 'road'],
    palette=[[1, 2, 3], [4, 5, 6]],
    cluster_to_class=[1, -1, 0],
    cluster_to_class_majority=[1, 1, 0],
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'matching.json'


def test_file_is_read(path):
    path.write_text(json.dumps(TABLE))
    assert read_matching(path) == TABLE


def test_what_is_no_matching_is_named(path):
    with pytest.raises(FileNotFoundError, match=r'matching\.json .*tools/test\.py'):
        read_matching(path)
    path.write_text('{')
    with pytest.raises(ValueError, match='no JSON file'):
        read_matching(path)
    for content in (dict(protocol='x', num_clusters=3), [1]):
        path.write_text(json.dumps(content))
        with pytest.raises(ValueError, match='has no .*centroids, classes'):
            read_matching(path)


@pytest.mark.parametrize('name', ['cluster_to_class', 'cluster_to_class_majority'])
@pytest.mark.parametrize('ids', [[0, 1], [0, 1, 2], [0, -2, 1], [0, 0.5, 1]])
def test_maps_that_name_no_class_are_an_error(path, name, ids):
    table = {**TABLE, name: ids}
    with pytest.raises(ValueError, match=rf'{name} must hold 3 ids in \[-1, 2\)'):
        check_matching_source(table, path, 3, TABLE['centroids'], 'the model')


def test_other_clusters_are_refused(path):
    check_matching_source(TABLE, path, 3, TABLE['centroids'], 'the model')
    with pytest.raises(ValueError, match='is of 3 clusters.*the model holds 4'):
        check_matching_source(TABLE, path, 4, TABLE['centroids'], 'the model')
    with pytest.raises(ValueError, match="12345678.*the model holds 3, 'others'"):
        check_matching_source(TABLE, path, 3, 'others', 'the model')


def test_clusters_of_unknown_centroids_are_refused(path):
    with pytest.raises(ValueError, match='holds 3, None'):
        check_matching_source({**TABLE, 'centroids': None}, path, 3, None, 'the model')
