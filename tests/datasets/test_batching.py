from unittest import mock

import pytest
import torch
from mmengine.dataset import DefaultSampler

from mmseg_picie.datasets import batching
from mmseg_picie.datasets.batching import (
    ClusteringBatchSampler,
    EqualStepsBatchSampler,
    collate_views,
)
from mmseg_picie.errors import InputError


def in_processes(world, make):
    """The batches of every rank."""
    ranks = []
    for rank in range(world):
        info = mock.Mock(return_value=(rank, world))
        with (
            mock.patch.object(batching, 'get_dist_info', info),
            mock.patch('mmengine.dataset.sampler.get_dist_info', info),
        ):
            ranks.append(list(make()))
    return ranks


def training(batch_size, num_images=10, **options):
    def make():
        sampler = DefaultSampler(range(num_images), seed=1, round_up=False)
        return EqualStepsBatchSampler(sampler, batch_size, **options)

    return make


def clustering(batch_size, num_images=10):
    def make():
        sampler = ClusteringBatchSampler(num_images, batch_size)
        sampler.key = (1, 2)
        return sampler

    return make


@pytest.mark.parametrize('kind', [training, clustering])
@pytest.mark.parametrize(('world', 'batch_size'), [(2, 3), (3, 2), (3, 1)])
def test_union_of_ranks_is_the_batch_of_one_process(kind, world, batch_size):
    (whole,) = in_processes(1, kind(batch_size * world))
    ranks = in_processes(world, kind(batch_size))
    assert {len(batches) for batches in ranks} == {len(whole)}
    for step, batch in enumerate(whole):
        union = [index for batches in ranks for index in batches[step]]
        assert sorted(union) == sorted(batch)
        assert len(set(union)) == len(union)


def test_a_pass_over_a_share_draws_other_images_every_round():
    sampler = ClusteringBatchSampler(10, batch_size=4, share=0.25)
    drawn = []
    for round_index in range(24):
        sampler.key = (1, round_index)
        (batch,) = list(sampler)
        assert len(set(batch)) == 3  # a quarter of 10, rounded up
        drawn.append(tuple(sorted(batch)))
    assert len(set(drawn)) > 1
    assert set().union(*drawn) == set(range(10))


def test_images_keep_their_pixels_together_in_memory():
    images = [torch.arange(24).view(2, 4, 3).add(k).permute(2, 0, 1) for k in (0, 9)]
    flags = [torch.tensor(True), torch.tensor(False)]
    samples = [
        dict(inputs=dict(view1=image, flip=flag))
        for image, flag in zip(images, flags, strict=True)
    ]
    inputs = collate_views(samples)['inputs']
    assert torch.equal(inputs['view1'], torch.stack(images))
    assert inputs['view1'].is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(inputs['flip'], torch.stack(flags))


def test_a_rank_without_samples_gets_an_empty_batch():
    ranks = in_processes(3, training(3, num_images=10))
    assert [len(batches[-1]) for batches in ranks] == [1, 0, 0]
    assert collate_views([]) == dict(inputs={})


def test_drop_last_keeps_full_steps_only():
    ranks = in_processes(2, training(2, num_images=10, drop_last=True))
    assert [[len(b) for b in batches] for batches in ranks] == [[2, 2], [2, 2]]


def test_padding_sampler_is_refused():
    sampler = DefaultSampler(range(4), round_up=True)
    with pytest.raises(ValueError, match='round_up must be False'):
        EqualStepsBatchSampler(sampler, 2)


def test_no_step_left_is_refused():
    with pytest.raises(ValueError, match='4 images are fewer than one batch of 8'):
        EqualStepsBatchSampler(DefaultSampler(range(4), round_up=False), 8, True)


@pytest.mark.parametrize(('world', 'batch_size'), [(1, 4), (2, 2)])
def test_a_round_of_some_steps_sees_another_part_of_the_images_each_time(
    world, batch_size
):
    whole = in_processes(world, training(batch_size, 20))
    part = in_processes(world, training(batch_size, 20, max_steps=3))
    assert part == [batches[:3] for batches in whole]
    sampler = DefaultSampler(range(20), seed=1, round_up=False)
    batches = EqualStepsBatchSampler(sampler, 4, max_steps=3)
    seen = []
    for round_index in range(6):
        sampler.set_epoch(round_index)
        seen += [index for batch in batches for index in batch]
    assert len(batches) == 3 and len(seen) == 72
    assert set(seen) == set(range(20))


def test_more_steps_than_there_are_change_nothing():
    assert in_processes(1, training(4, max_steps=9)) == in_processes(1, training(4))


def test_a_round_without_steps_is_refused():
    with pytest.raises(InputError, match='batch_sampler.max_steps must be >= 1, got 0'):
        training(4, max_steps=0)()
