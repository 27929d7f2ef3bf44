"""Votes of nearest points against scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from mmseg_picie.errors import InputError
from mmseg_picie.scores import NearestVotes


def draw(count, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 6, generator=generator)


@pytest.mark.parametrize('block', [1 << 24, 512 * 37, 1])
def test_votes_equal_those_of_scikit_learn(block):
    bank, points = draw(300, 0), draw(700, 1)
    classes = torch.from_numpy(np.random.default_rng(0).integers(0, 4, 300))
    votes = NearestVotes(bank, classes, 5, block=block).shares(points)
    other = KNeighborsClassifier(20, metric='cosine', algorithm='brute')
    other.fit(bank.numpy(), classes.numpy())
    assert votes.shape == (700, 5)
    assert np.allclose(votes[:, :4].numpy(), other.predict_proba(points.numpy()))
    assert not votes[:, 4].any()
    assert votes.argmax(1).tolist() == other.predict(points.numpy()).tolist()


def test_length_of_a_point_does_not_count():
    bank, classes = draw(50, 2), torch.arange(50) % 3
    points = draw(20, 3)
    scaled = NearestVotes(bank * torch.rand(50, 1).add(0.1), classes, 3, 5)
    assert torch.equal(
        scaled.shares(7 * points), NearestVotes(bank, classes, 3, 5).shares(points)
    )


def test_no_point_gives_no_row():
    votes = NearestVotes(draw(5, 0), torch.zeros(5), 2, 5)
    assert votes.shares(draw(0, 1)).shape == (0, 2)


def test_bank_smaller_than_the_vote_is_refused():
    with pytest.raises(InputError, match='20 neighbors need a bank .* got 19'):
        NearestVotes(draw(19, 0), torch.zeros(19), 2)
