"""A head whose masks vote: each pixel has the cluster of its mask's mean."""

import pytest
import torch

from mmseg_picie.clustering import mask_proposals, nearest_cluster
from mmseg_picie.errors import InputError
from mmseg_picie.models import ClusteringHead, MaskVotingHead

CENTROIDS = torch.eye(4)[:3]


def fitted(head):
    head.set_eval_clusters(CENTROIDS, torch.ones(3), num_rounds=0)
    return head


def drawn():
    """(2, 4, 6, 5), unit vectors with more noise than the masks have."""
    g = torch.Generator().manual_seed(0)
    which = torch.zeros(2, 6, 5, dtype=torch.int64)
    which[:, :, 2:] = 1
    which[1, 3:] = 2
    maps = CENTROIDS[which] + 0.5 * torch.randn(2, 6, 5, 4, generator=g)
    maps = torch.nn.functional.normalize(maps, dim=-1)
    return maps.permute(0, 3, 1, 2)


def naive(maps, threshold):
    """Image by image and mask by mask."""
    ids = torch.empty(2, 6, 5, dtype=torch.int64)
    for own, image in zip(ids, maps, strict=True):
        points = image.flatten(1).T
        masks = mask_proposals(points, threshold)
        labels = nearest_cluster(points, CENTROIDS)
        for mask in masks.unique():
            if mask >= 0:
                mean = points[masks == mask].mean(0, keepdim=True)
                labels[masks == mask] = nearest_cluster(mean, CENTROIDS)
        own.copy_(labels.view(6, 5))
    return ids


@pytest.mark.parametrize('threshold', [0.4, 0.8])
def test_pixels_have_the_cluster_of_their_mask(threshold):
    head = fitted(
        MaskVotingHead(in_channels=4, num_clusters=3, mask_threshold=threshold)
    )
    maps = drawn()
    found = head.scores(maps).argmax(1)
    assert torch.equal(found, naive(maps, threshold))
    plain = fitted(ClusteringHead(in_channels=4, num_clusters=3)).scores(maps)
    assert not torch.equal(found, plain.argmax(1))
    # An image's masks do not depend on the images beside it.
    alone = torch.cat([head.scores(image[None]) for image in maps])
    assert torch.allclose(alone, head.scores(maps), atol=1e-6)


def test_by_pixels_it_is_a_clustering_head():
    options = dict(in_channels=4, num_clusters=3)
    head = fitted(MaskVotingHead(predict_by='pixels', **options))
    plain = fitted(ClusteringHead(**options))
    assert torch.equal(head.scores(drawn()), plain.scores(drawn()))
    assert head.source == plain.source and head.no_graph == ''
    assert torch.equal(head.score_layer()[0], plain.score_layer()[0])


def test_source_tells_masks_from_pixels():
    head = fitted(MaskVotingHead(in_channels=4, num_clusters=3))
    assert head.source.endswith('by masks of threshold 0.4')
    with pytest.raises(NotImplementedError):
        head.score_layer()


@pytest.mark.parametrize(
    'options, said',
    [
        (dict(predict_by='mask'), "predict_by must be one of .* got 'mask'"),
        (dict(mask_threshold=0), r'mask_threshold must lie in \(0, 1\], got 0'),
    ],
)
def test_what_cannot_be_meant_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        MaskVotingHead(in_channels=4, num_clusters=3, **options)
