"""SplitClusteringHead predicts by stored scores until a clustering replaces them."""

import pytest
import torch

from mmseg_picie.clustering import RULES
from mmseg_picie.models import ClusteringHead, SplitClusteringHead

SIZES = dict(in_channels=4, num_clusters=5, num_views=1)


def drawn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_scores_are_the_stored_linear_map():
    head = SplitClusteringHead(**SIZES)
    weight, bias, embedding = drawn(5, 4), drawn(5), drawn(2, 4, 3, 6)
    head.score_weight.copy_(weight)
    head.score_bias.copy_(bias)
    expected = torch.einsum('kd,ndhw->nkhw', weight, embedding) + bias[:, None, None]
    assert torch.allclose(head.scores(embedding), expected, atol=1e-6)
    for stored, given in zip(head.score_layer(), (weight, bias), strict=True):
        assert torch.equal(stored, given)


@pytest.mark.parametrize('rule', RULES)
def test_new_clustering_takes_the_place_of_stored_scores(rule):
    heads = [
        kind(predict_rule=rule, **SIZES)
        for kind in (ClusteringHead, SplitClusteringHead)
    ]
    heads[1].score_bias.fill_(7.0)
    for head in heads:
        head.set_eval_clusters(drawn(5, 4), torch.ones(5), num_rounds=2)
    first, second = (head.scores(drawn(2, 4, 3, 6)) for head in heads)
    assert torch.allclose(first, second, atol=1e-6)
