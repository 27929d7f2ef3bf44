"""Chunked upsampling equals the whole one."""

import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.inference.upsampling import ids_and_confidences, ids_at_size


def whole(scores, size):
    return F.interpolate(scores[None], size=size, mode='bilinear')[0]


@pytest.mark.parametrize('size', [(13, 29), (64, 48), (7, 5), (8, 6), (100, 3)])
@pytest.mark.parametrize('chunk_values', [1, 500, 10**9])
def test_ids_equal_those_of_whole_upsampling(size, chunk_values):
    scores = torch.randn(5, 8, 6, generator=torch.Generator().manual_seed(0))
    found = ids_at_size(scores, size, chunk_values)
    assert torch.equal(found, whole(scores, size).argmax(0))


def test_confidence_is_the_share_of_all_clusters_of_the_class():
    scores = torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(1))
    classes = torch.tensor([0, 1, 0, -1])
    found, confidence = ids_and_confidences(scores, (9, 7), classes, 0.5, 20)
    shares = (whole(scores, (9, 7)) / 0.5).softmax(0)
    by_class = torch.stack([shares[0] + shares[2], shares[1], shares[0] + shares[2]])
    by_class = torch.cat([by_class, shares[3:]])
    ids = whole(scores, (9, 7)).argmax(0)
    expected = by_class.gather(0, ids[None])[0]
    assert torch.equal(found, classes[ids])
    assert torch.allclose(confidence.float(), expected, atol=1e-3)


def test_ids_are_given_as_a_table_says():
    scores = torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(2))
    table = torch.tensor([7, 255, 7, 0], dtype=torch.uint8)
    found = ids_at_size(scores, (9, 7), 20, table)
    assert found.dtype == torch.uint8
    assert torch.equal(found, table[whole(scores, (9, 7)).argmax(0)])


def test_scores_are_left_as_they_are():
    scores = torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(3))
    before = scores.clone()
    ids_and_confidences(scores, (3, 3), torch.arange(4), 0.5)
    assert torch.equal(scores, before)


def test_memory_is_bounded_by_the_chunk(monkeypatch):
    seen = []
    lerp = torch.lerp

    def watch(start, end, weight):
        seen.append(start.numel())
        return lerp(start, end, weight)

    monkeypatch.setattr(torch, 'lerp', watch)
    # Neighbors all differ, so that every pixel needs its scores.
    scores = torch.eye(100).reshape(100, 10, 10)
    ids_at_size(scores, (200, 50), chunk_values=50_000)
    assert len(seen) == 3 * 20
    assert max(seen) == 50_000


def test_scores_between_equal_ids_are_not_computed(monkeypatch):
    scores = torch.zeros(3, 4, 6)
    scores[2] = 1
    scores[1, :, 3:] = 2
    expected = whole(scores, (40, 60)).argmax(0)
    seen = []
    lerp = torch.lerp

    def watch(start, end, weight):
        seen.append(len(start))
        return lerp(start, end, weight)

    monkeypatch.setattr(torch, 'lerp', watch)
    assert torch.equal(ids_at_size(scores, (40, 60)), expected)
    # The columns between the third and the fourth of the grid, 10 of 60.
    assert max(seen) == 40 * 10


@pytest.mark.parametrize('layout', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('size', [(61, 83), (33, 9)])
def test_smooth_scores_in_either_layout_give_the_same_ids(layout, size):
    coarse = torch.randn(1, 9, 4, 5, generator=torch.Generator().manual_seed(4))
    scores = F.interpolate(coarse, (24, 30), mode='bicubic')
    found = ids_at_size(scores.contiguous(memory_format=layout)[0], size, 3000)
    assert torch.equal(found, whole(scores[0], size).argmax(0))
