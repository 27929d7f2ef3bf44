"""Attention of the class token: the patches that hold most of it, and their picture."""

import itertools

import numpy as np
import pytest

from mmseg_picie.visualization import draw_attention, keep_mass


@pytest.mark.parametrize('mass', [0.1, 0.6, 0.95])
def test_no_smaller_set_of_patches_holds_the_mass(mass):
    attention = np.random.default_rng(0).random((3, 2, 4))
    kept = keep_mass(attention, mass)
    for values, patches in zip(attention, kept):
        total, count = values.sum(), patches.sum()
        assert values[patches].sum() >= mass * total
        fewer = itertools.combinations(values.ravel(), count - 1)
        assert all(sum(some) < mass * total for some in fewer)


def test_the_threshold_is_that_of_ascending_sums():
    """The paper's figure: patches below the weakest 40 % of the mass are taken out."""
    attention = np.random.default_rng(1).random((4, 6, 5))
    for values, patches in zip(attention, keep_mass(attention)):
        order = np.sort(values.ravel() / values.sum())
        weakest = order[np.cumsum(order) > 0.4][0]
        assert np.array_equal(patches, values / values.sum() >= weakest)


def test_all_of_the_mass_is_all_patches():
    assert keep_mass(np.random.default_rng(2).random((2, 3, 3)), 1.0).all()


def test_pictures_stand_side_by_side():
    image = np.full((4, 6, 3), 200, np.uint8)
    kept = np.array([[[True, False]], [[False, False]]])
    picture = draw_attention(image, kept)
    assert picture.shape == (4, 3 * 6 + 2 * 4, 3)
    assert (picture[:, :6] == 200).all()  # the image itself
    assert (picture[:, 6:10] == 255).all()
    assert (picture[:, 10:13] == 200).all() and (picture[:, 13:16] == 50).all()
    assert (picture[:, 20:] == 50).all()
