"""Pictures and id maps as text."""

import base64
import zlib

import cv2
import numpy as np
import pytest

from mmseg_picie.report.pictures import (
    STEPS,
    data_uri,
    encode_crops,
    pack_ids,
    sample_ids,
    shrink,
    total_length,
)


def decode(uri):
    head, _, text = uri.partition(',')
    assert head == 'data:image/webp;base64'
    return cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), -1)


def noise(side):
    return np.random.default_rng(side).integers(0, 255, (side, side, 3)).astype('u1')


def test_a_picture_is_decoded_as_it_was():
    image = np.full((20, 30, 3), (200, 100, 50), np.uint8)
    found = decode(data_uri(image, 90)).astype(int)
    assert found.shape == image.shape
    assert abs(found - image).max() < 6


@pytest.mark.parametrize('budget_share', [1.0, 0.6, 0.3])
def test_crops_keep_to_the_budget(budget_share):
    crops = [[noise(112) for _ in range(3)] for _ in range(4)]
    whole = total_length(encode_crops(crops, 10**9))
    budget = int(whole * budget_share)
    found = encode_crops(crops, budget)
    assert total_length(found) <= budget
    assert [len(own) for own in found] == [3] * 4


def test_without_room_each_cluster_has_one_small_crop():
    found = encode_crops([[noise(112), noise(100)], [noise(90)], []], 0)
    assert [len(own) for own in found] == [1, 1, 0]
    assert decode(found[0][0]).shape == (STEPS[-1][0],) * 2 + (3,)


def test_a_small_image_is_not_blown_up():
    image = noise(20)
    assert shrink(image, 30) is image
    assert shrink(np.zeros((10, 100, 3), np.uint8), 50).shape == (5, 50, 3)


@pytest.mark.parametrize('most', [9, 255, 700])
def test_packed_ids_come_back(most):
    ids = np.random.default_rng(0).integers(0, most + 1, (13, 17))
    planes = zlib.decompress(base64.b64decode(pack_ids(ids)))
    half = ids.size
    low, high = (np.frombuffer(p, 'u1') for p in (planes[:half], planes[half:]))
    assert np.array_equal(low + 256 * high.astype(int), ids.ravel())


def test_ids_are_sampled_in_the_middle():
    ids = np.arange(6 * 9).reshape(6, 9)
    assert np.array_equal(sample_ids(ids, (2, 3)), ids[1::3, 1::3])
    assert np.array_equal(sample_ids(ids, (6, 9)), ids)
    doubled = np.kron(ids, np.ones((2, 2), int))
    assert np.array_equal(sample_ids(ids, (12, 18)), doubled)
