"""Checks of arguments that many classes share."""

import pytest

from mmseg_picie.errors import InputError, check_choice, check_least


def test_a_choice_that_is_not_allowed_is_named_with_those_that_are():
    check_choice('RefitHook.images', 'val', ('train', 'val'))
    words = r"RefitHook.images must be one of \('train', 'val'\), got 'test'"
    with pytest.raises(InputError, match=words):
        check_choice('RefitHook.images', 'test', ('train', 'val'))


def test_a_number_below_the_least_is_named_and_none_passes():
    check_least('size', 1, 1)
    check_least('size', None, 1)
    with pytest.raises(InputError, match='size must be >= 1, got 0'):
        check_least('size', 0, 1)
