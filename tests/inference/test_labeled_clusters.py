"""Clusters of labeled images, also of a network whose clusters have names."""

import numpy as np
import pytest
from small_run import load

from mmseg_picie.checkpoints import ClusterName, Names, name_checkpoint, weights_hash
from mmseg_picie.datasets import LabelFolder
from mmseg_picie.inference import (
    LabeledClusterImages,
    Segmenter,
    predicting_centroids,
)


@pytest.fixture(scope='module')
def checkpoint(trained):
    return trained / 'epoch_1.pth'


@pytest.fixture(scope='module')
def named(checkpoint, tmp_path_factory):
    digest = weights_hash(load(checkpoint)['state_dict'])
    out = tmp_path_factory.mktemp('named') / 'named.pth'
    name_checkpoint(checkpoint, Names((ClusterName(3, 'sky'),), digest), out)
    return out


@pytest.fixture(scope='module')
def labels(camvid_root):
    return LabelFolder(camvid_root / 'img', camvid_root / 'ann')


def test_clusters_come_with_their_labels(checkpoint, named, labels):
    segmenter = Segmenter(checkpoint, 'cpu')
    for file in (checkpoint, named):
        images = LabeledClusterImages(
            Segmenter(file, 'cpu', 'clusters'), labels, batch_size=3
        )
        assert len(images) == len(labels.names) == 10
        for _ in range(2):
            found = list(images)
            for name, (clusters, classes) in zip(labels.names, found, strict=True):
                assert np.array_equal(clusters, segmenter.predict(labels.images / name))
                assert np.array_equal(classes, labels.load(name))


def test_classes_are_refused(named, labels):
    with pytest.raises(ValueError, match="needs predict_as='clusters'"):
        LabeledClusterImages(Segmenter(named, 'cpu'), labels)


def test_centroids_are_those_that_predict(checkpoint):
    found = predicting_centroids(Segmenter(checkpoint, 'cpu'))
    stored = load(checkpoint)['state_dict']['decode_head.eval_centroids']
    assert np.array_equal(found, stored.numpy())
