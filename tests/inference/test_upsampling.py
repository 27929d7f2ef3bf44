"""Chunked upsampling equals the whole one."""

import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.inference import upsampling
from mmseg_picie.inference.upsampling import (
    SeenSize,
    ids_and_confidences,
    ids_at_size,
)


def whole(scores, size):
    return F.interpolate(scores[None], size=size, mode='bilinear')[0]


@pytest.mark.parametrize('size', [(13, 29), (64, 48), (7, 5), (8, 6), (100, 3)])
@pytest.mark.parametrize('chunk_values', [1, 500, 10**9])
def test_ids_equal_those_of_whole_upsampling(size, chunk_values):
    scores = torch.randn(5, 8, 6, generator=torch.Generator().manual_seed(0))
    found = ids_at_size(scores, size, chunk_values=chunk_values)
    assert torch.equal(found, whole(scores, size).argmax(0))


@pytest.mark.parametrize('size', [(32, 20), (11, 9), (31, 40)])
@pytest.mark.parametrize('chunk_values', [1, 10**9])
def test_ids_of_a_smaller_image_skip_rows_of_the_grid(size, chunk_values):
    scores = torch.randn(5, 96, 40, generator=torch.Generator().manual_seed(6))
    found = ids_at_size(scores, size, chunk_values=chunk_values)
    assert torch.equal(found, whole(scores, size).argmax(0))


def test_confidence_is_the_share_of_all_clusters_of_the_class():
    scores = torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(1))
    classes = torch.tensor([0, 1, 0, -1])
    found, confidence = ids_and_confidences(scores, (9, 7), classes, 0.5, None, 20)
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
    found = ids_at_size(scores, (9, 7), None, 20, table)
    assert found.dtype == torch.uint8
    assert torch.equal(found, table[whole(scores, (9, 7)).argmax(0)])


def test_scores_are_left_as_they_are():
    scores = torch.randn(4, 3, 3, generator=torch.Generator().manual_seed(3))
    before = scores.clone()
    ids_and_confidences(scores, (3, 3), torch.arange(4), 0.5)
    assert torch.equal(scores, before)


@pytest.mark.parametrize('size', [(30, 41), (97, 50), (40, 56)])
@pytest.mark.parametrize('image', [(40, 56), (33, 50)])
def test_two_steps_are_those_of_mmseg(size, image):
    scores = torch.randn(6, 10, 14, generator=torch.Generator().manual_seed(5))
    seen = SeenSize(padded=(40, 56), image=image)
    between = whole(scores, seen.padded)[:, : image[0], : image[1]]
    expected = whole(between, size)
    assert torch.equal(ids_at_size(scores, size, seen, 700), expected.argmax(0))
    ids, shares = ids_and_confidences(scores, size, torch.arange(6), 0.5, seen, 700)
    assert torch.equal(ids, expected.argmax(0))
    most = (expected / 0.5).softmax(0).max(0).values
    assert torch.allclose(shares.float(), most, atol=1e-3)


def test_memory_is_bounded_by_the_chunk(monkeypatch):
    sizes = []

    def watch(*args):
        for rows, chunk in score_rows(*args):
            sizes.append(chunk.numel())
            yield rows, chunk

    score_rows = upsampling._score_rows
    monkeypatch.setattr(upsampling, '_score_rows', watch)
    scores = torch.eye(100).reshape(100, 10, 10)
    found = ids_at_size(scores, (200, 50), chunk_values=50_000)
    assert torch.equal(found, whole(scores, (200, 50)).argmax(0))
    assert sizes == [50_000] * 20


@pytest.mark.parametrize('layout', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('size', [(61, 83), (33, 9)])
def test_smooth_scores_in_either_layout_give_the_same_ids(layout, size):
    coarse = torch.randn(1, 9, 4, 5, generator=torch.Generator().manual_seed(4))
    scores = F.interpolate(coarse, (24, 30), mode='bicubic')
    found = ids_at_size(scores.contiguous(memory_format=layout)[0], size, None, 3000)
    assert torch.equal(found, whole(scores[0], size).argmax(0))
