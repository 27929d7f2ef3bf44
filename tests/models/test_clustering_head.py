"""ClusteringHead: which map it takes, how it labels and predicts, what it says."""

import pytest
import torch

from mmseg_picie.models import ClusteringHead

POINT = torch.tensor([[0.5, 0.6]])
# The nearest to POINT is another one by each rule: the longest by the dot product, the
# closest by the euclidean distance, that of the same direction by the cosine.
CENTROIDS = torch.tensor([[3.0, 0.0], [0.4, 0.8], [0.05, 0.06]])
NEAREST = dict(dot=0, euclidean=1, cosine=2)


def head(**options):
    built = ClusteringHead(in_channels=2, num_clusters=3, **options)
    built.set_view_clusters(
        torch.stack([CENTROIDS, CENTROIDS.flip(0)]), torch.ones(2, 3)
    )
    built.set_eval_clusters(CENTROIDS, torch.ones(3), num_rounds=1)
    return built


@pytest.mark.parametrize('rule', NEAREST)
def test_points_are_labeled_by_the_rule_and_their_own_view(rule):
    first, second = head(label_rule=rule).label(POINT, POINT)
    assert (first.item(), second.item()) == (NEAREST[rule], 2 - NEAREST[rule])


@pytest.mark.parametrize('rule', NEAREST)
def test_pixels_are_predicted_by_the_rule(rule):
    scores = head(predict_rule=rule, normalize=False)([POINT.view(1, 2, 1, 1)])
    assert scores.shape == (1, 3, 1, 1)
    assert scores.argmax(1).item() == NEAREST[rule]


@pytest.mark.parametrize('in_index', [0, 1, -1])
def test_embedding_is_the_map_that_is_asked_for(in_index):
    maps = [torch.rand(1, 2, 4, 4), torch.rand(1, 2, 2, 2)]
    assert head(in_index=in_index).embed(maps) is maps[in_index]


def test_embedding_keeps_its_length_without_normalizing():
    maps = torch.rand(1, 2, 4, 4)
    assert torch.equal(head(normalize=False).unit(maps), maps)
    assert torch.allclose(head().unit(maps).norm(dim=1), torch.ones(()))


@pytest.mark.parametrize(
    'meta, size',
    [
        (dict(img_shape=(30, 20)), (30, 20)),
        (dict(img_shape=(30, 20), pad_shape=(32, 32)), (32, 32)),
        # A window that slides over an image says its own size so.
        (dict(img_shape=torch.Size((16, 8)), pad_shape=(32, 32)), (16, 8)),
    ],
)
def test_scores_are_of_the_size_of_the_input(meta, size):
    scores = head().predict([torch.rand(1, 2, 4, 4)], [meta], None)
    assert scores.shape == (1, 3, *size)


def test_source_names_the_centroids_that_predict_now():
    one = head()
    first = one.source
    assert 'after 1 round' in first and head().source == first
    one.set_eval_clusters(2 * CENTROIDS, torch.ones(3), num_rounds=2)
    second = one.source
    assert second != first and 'after 2 round' in second
    one.load_state_dict(head().state_dict())
    assert one.source == first


def test_new_clusterings_go_on_from_what_predicts_else_from_the_views():
    new = ClusteringHead(in_channels=2, num_clusters=3)
    assert new.initial_centroids() is None
    new.set_view_clusters(CENTROIDS[None], torch.ones(1, 3))
    assert torch.equal(new.initial_centroids(), CENTROIDS.expand(2, -1, -1))
    new.set_eval_clusters(-CENTROIDS, torch.ones(3), num_rounds=1)
    assert torch.equal(new.initial_centroids(), -CENTROIDS.expand(2, -1, -1))


@pytest.mark.parametrize('fitted', [False, True])
def test_changing_the_initial_centroids_does_not_change_the_head(fitted):
    one = head()
    if not fitted:
        one.centroids_round.fill_(-1)
    one.set_view_clusters(CENTROIDS[None], torch.ones(1, 3))
    before = {name: value.clone() for name, value in one.state_dict().items()}
    one.initial_centroids().zero_()
    for name, value in one.state_dict().items():
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize('rule', NEAREST)
def test_score_layer_gives_the_scores(rule):
    built = head(predict_rule=rule, normalize=False)
    weight, bias = built.score_layer()
    expected = built([POINT.view(1, 2, 1, 1)]).flatten()
    assert torch.allclose(weight @ POINT[0] + bias, expected, atol=1e-6)
