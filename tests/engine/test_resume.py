"""A run that stopped and goes on equals one that did not, bit for bit."""

import pytest
import torch
from small_run import assert_same, load, run

DROPOUT = dict(
    neck=dict(in_channels=[8] * 4),
    backbone=dict(
        _delete_=True,
        type='MixVisionTransformer',
        embed_dims=8,
        num_layers=[1, 1, 1, 1],
        num_heads=[1, 1, 1, 1],
        drop_rate=0.3,
        drop_path_rate=0.3,
    ),
)


@pytest.fixture
def whole_and_resumed(config, tmp_path):
    """Models of an uninterrupted run and of one that stopped after round 1."""

    def train(rounds=2, **options):
        whole = run(config('whole', rounds=rounds, **options))
        run(config('part', rounds=1, **options))
        first = tmp_path / 'part' / 'epoch_1.pth'
        written = first.stat().st_mtime_ns
        rest = run(config('part', rounds=rounds, resume=True, **options))
        # It did not begin anew, which would be equal as well.
        assert first.stat().st_mtime_ns == written
        return whole.model, rest.model

    return train


def test_weights_centroids_and_moments_are_the_same(whole_and_resumed, tmp_path):
    whole, rest = whole_and_resumed()
    assert_same(whole.state_dict(), rest.state_dict())
    states = [
        load(tmp_path / name / 'epoch_2.pth')['optimizer']['state']
        for name in ('whole', 'part')
    ]
    assert states[0]
    for index, moments in states[0].items():
        assert_same(
            {k: torch.as_tensor(v) for k, v in moments.items()},
            {k: torch.as_tensor(v) for k, v in states[1][index].items()},
        )


@pytest.mark.parametrize('workers', [0, 1])
def test_dropout_in_the_backbone(whole_and_resumed, workers):
    # Loaders with workers draw from the global generator when they first start.
    loader = dict(num_workers=workers, persistent_workers=workers > 0)
    whole, rest = whole_and_resumed(model=DROPOUT, train_dataloader=loader)
    assert_same(whole.state_dict(), rest.state_dict())


@pytest.mark.parametrize(
    'kmeans, rounds',
    [
        (dict(interval=2), 3),  # stops between two clusterings
        (dict(warm_start=True), 2),
        (dict(warm_start=True, interval=2), 2),
        (dict(batch_norm='train', cluster_size_from='labels'), 2),
    ],
)
def test_settings_of_the_clustering(whole_and_resumed, kmeans, rounds):
    hooks = dict(kmeans=kmeans)
    whole, rest = whole_and_resumed(rounds, default_hooks=hooks)
    assert_same(whole.state_dict(), rest.state_dict())


def test_second_clustering_with_warm_start(whole_and_resumed):
    # The auxiliary head goes on from its own centroids, which the checkpoint has.
    whole, rest = whole_and_resumed(
        model=dict(auxiliary_clusters=9),
        default_hooks=dict(kmeans=dict(warm_start=True)),
    )
    assert_same(whole.state_dict(), rest.state_dict())


def test_draws_of_correspondences(whole_and_resumed):
    model = dict(
        neck=dict(residual_channels=8),
        correspondence=dict(type='CorrespondenceLoss', num_points=10),
    )
    whole, rest = whole_and_resumed(model=model)
    assert whole.neck.residual[2].weight.any()  # it learns, from 0
    assert_same(whole.state_dict(), rest.state_dict())


@pytest.mark.parametrize('channels_last', [True, False])
def test_another_memory_format_changes_no_result(config, channels_last):
    # Fused Adam walks weights and moments in memory order.
    optimizer = dict(type='Adam', lr=1e-2, fused=True)
    options = dict(optim_wrapper=dict(type='OptimWrapper', optimizer=optimizer))
    whole = run(config('whole', rounds=2, **options)).model.state_dict()
    run(config('part', rounds=1, **options))
    model = dict(channels_last=channels_last)
    rest = run(config('part', rounds=2, resume=True, model=model, **options))
    rest = rest.model.state_dict()
    for name in ('backbone.conv1.weight', 'backbone.layer4.1.conv2.weight'):
        # Moments of other weights would move each by up to the rate.
        assert (whole[name] - rest[name]).abs().mean() < 1e-3, name
