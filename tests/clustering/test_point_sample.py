"""A sample of a stream: bounded, fair, repeatable."""

import pytest
import torch

from mmseg_picie.clustering import PointSample
from mmseg_picie.errors import InputError


def sampled(capacity, batches, seed=0):
    sample = PointSample(capacity, seed)
    for batch in batches:
        sample.add(batch)
    return sample


def stream(count, size=7):
    return torch.arange(float(count))[:, None].split(size)


def test_few_points_are_all_kept_in_order():
    sample = sampled(20, stream(20))
    assert torch.equal(sample.points, torch.arange(20.0)[:, None])
    assert sample.seen == 20


def test_every_point_is_kept_as_often_as_the_others():
    counts = torch.zeros(60)
    for seed in range(600):
        kept = sampled(15, stream(60), seed).points.flatten().long()
        assert len(kept) == 15
        counts[kept] += 1  # a point that is there twice would count once
    assert counts.sum() == 600 * 15
    # Binomial of 600 draws with probability 1/4: deviation 10.6.
    assert (counts - 150).abs().max() < 4.5 * 10.6


def test_sample_follows_from_the_seed():
    first, again = (sampled(15, stream(60), 1).points for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, sampled(15, stream(60), 2).points)


def test_empty_batches_are_no_matter():
    batches = [torch.zeros(0, 1), *stream(5), torch.zeros(0, 1)]
    assert len(sampled(3, batches).points) == 3
    assert sampled(3, [torch.zeros(0, 1)]).points.shape == (0, 1)


def test_nothing_to_keep_and_nothing_kept_are_told():
    with pytest.raises(InputError, match='capacity must be >= 1'):
        PointSample(0, seed=0)
    with pytest.raises(RuntimeError, match='no points yet'):
        PointSample(1, seed=0).points  # noqa: B018
