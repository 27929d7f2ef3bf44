"""A head whose clusters a loss teaches."""

import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.checkpoints import weights_hash
from mmseg_picie.errors import InputError
from mmseg_picie.models import SoftmaxHead, centroid_source, head_sources

SIZES = dict(in_channels=5, num_clusters=3)


def maps(seed=0):
    return torch.randn(2, 5, 4, 6, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize('cosine', [False, True])
@pytest.mark.parametrize('temperature', [1.0, 0.25])
def test_probabilities_are_the_softmax_of_the_scores(cosine, temperature):
    head = SoftmaxHead(**SIZES, cosine=cosine, temperature=temperature)
    embedding = head.unit(maps())
    weight = head.classifier.weight.flatten(1)
    if cosine:
        expected = torch.stack(
            [F.cosine_similarity(embedding, w.view(1, 5, 1, 1), dim=1) for w in weight],
            dim=1,
        )
    else:
        expected = torch.einsum('ndhw,kd->nkhw', embedding, weight)
        expected = expected + head.classifier.bias.view(1, 3, 1, 1)
    assert torch.allclose(head.scores(embedding), expected, atol=1e-6)
    found = head.probabilities(embedding)
    assert torch.allclose(found, (expected / temperature).softmax(1), atol=1e-6)


@pytest.mark.parametrize('cosine', [False, True])
def test_scores_are_the_linear_layer_that_is_exported(cosine):
    head = SoftmaxHead(**SIZES, cosine=cosine)
    weight, bias = head.score_layer()
    points = head.unit(maps()).permute(0, 2, 3, 1)
    expected = (points @ weight.T + bias).permute(0, 3, 1, 2)
    assert torch.allclose(head([maps()]), expected, atol=1e-6)
    assert torch.equal(head.cluster_vectors, weight)
    assert not head.cluster_vectors.requires_grad


def test_scores_are_exact_under_autocast():
    head = SoftmaxHead(**SIZES)
    with torch.autocast('cpu', torch.bfloat16):
        found = head.scores(head.unit(maps()))
    assert torch.equal(found, head.scores(head.unit(maps())))


def test_it_predicts_after_a_round_and_says_with_what():
    head = SoftmaxHead(**SIZES)
    with pytest.raises(InputError, match='never fitted'):
        head.require_fitted()
    head.cluster_to_class.fill_(1)
    head.end_round(4)
    head.require_fitted()
    assert (head.cluster_to_class == -1).all()  # a matching of older weights
    assert head.source.endswith('after 4 round(s)')
    assert head_sources(head.state_dict()) == [head.source]
    before = head.source
    with torch.no_grad():
        head.classifier.weight[0, 0] += 1e-3
    assert head.source != before


def test_a_matching_does_not_change_what_a_name_is_for():
    head = SoftmaxHead(**SIZES)
    state = {f'decode_head.{k}': v for k, v in head.state_dict().items()}
    named = dict(state, **{'decode_head.cluster_to_class': torch.tensor([2, 0, 1])})
    assert weights_hash(state) == weights_hash(named)


def test_sources_of_centroids_are_told_apart_from_learned_ones():
    state = dict(centroids_round=torch.tensor(2), eval_centroids=torch.eye(3))
    assert head_sources(state) == [centroid_source(2, torch.eye(3))]


@pytest.mark.parametrize(
    'options, words',
    [
        (dict(temperature=0.0), 'temperature must be > 0, got 0.0'),
        (dict(cosine=True, normalize=False), 'normalize is False: set it to True'),
        (dict(num_clusters=1), 'num_clusters must be >= 2'),
    ],
)
def test_options_out_of_range_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        SoftmaxHead(**dict(SIZES, **options))
