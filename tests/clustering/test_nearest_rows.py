"""The nearest other rows against all pairs at once."""

import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from mmseg_picie.clustering import nearest_rows
from mmseg_picie.errors import InputError


def points(rows=53, size=6):
    return torch.randn(rows, size, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize('block', [1, 7, 53, 1000])
@pytest.mark.parametrize('top', [1, 7, 52])
def test_equals_sklearn_for_every_block_size(block, top):
    search = NearestNeighbors(n_neighbors=top, metric='cosine', algorithm='brute')
    expected = search.fit(points().double()).kneighbors(return_distance=False)
    # Asked for its own points, sklearn leaves out each row itself.
    found = nearest_rows(points(), top, block)
    assert found.tolist() == expected.tolist()


def test_parts_of_the_rows_are_rows_of_the_whole():
    whole = nearest_rows(points(), 5, block=8)
    parts = [
        nearest_rows(points(), 5, 8, rows) for rows in ((0, 20), (20, 20), (20, 53))
    ]
    assert torch.equal(torch.cat(parts), whole)


@pytest.mark.parametrize('block', [1, 2, 3, 100])
def test_of_equals_the_lower_index_comes_first(block):
    same = torch.eye(2)[[0, 1, 0, 0, 1, 0]]
    assert nearest_rows(same, 3, block).tolist() == [
        [2, 3, 5],
        [4, 0, 2],
        [0, 3, 5],
        [0, 2, 5],
        [1, 0, 2],
        [0, 2, 3],
    ]


def test_a_pair_of_rows_holds_no_more_than_a_block(monkeypatch):
    largest, multiply = 0, torch.Tensor.__matmul__

    def watched(first, second):
        nonlocal largest
        result = multiply(first, second)
        largest = max(largest, result.numel())
        return result

    monkeypatch.setattr(torch.Tensor, '__matmul__', watched)
    nearest_rows(points(200), 3, block=10)
    assert largest == 100


@pytest.mark.parametrize(
    'rows, options, words',
    [
        (5, dict(top=5), 'a row of 5 has only 4 others'),
        (5, dict(top=0), 'top must be >= 1, got 0'),
        (5, dict(top=1, block=0), 'block must be >= 1, got 0'),
    ],
)
def test_bad_numbers_are_named(rows, options, words):
    with pytest.raises(InputError, match=words):
        nearest_rows(points(rows), **options)
