"""How long a training still takes."""

import pytest

from mmseg_picie.engine.rounds.time_left import TimeLeft, duration


def test_before_the_first_round_nothing_is_known():
    assert TimeLeft(5, {5}).seconds(0) is None


def test_rounds_and_validations_are_counted_apart():
    # 4 rounds; a validation of 30 s follows the second and the fourth.
    left = TimeLeft(4, {2, 4})
    left.add(100.0)
    assert left.seconds(1) == 3 * 100
    assert left.misses_validation(1)
    left.add(110.0 + 30.0, validation=30.0)
    assert left.seconds(2) == pytest.approx(2 * 105 + 30)
    assert not left.misses_validation(2)
    left.add(120.0)
    assert left.seconds(3) == pytest.approx(110 + 30)
    left.add(130.0 + 50.0, validation=50.0)
    assert left.seconds(4) == 0
    assert not left.misses_validation(4)


def test_what_is_done_once_is_in_no_later_round():
    left = TimeLeft(3, set())
    left.add(100.0, once=60.0)
    assert left.seconds(1) == 80
    assert not left.misses_validation(1)


def test_a_resumed_run_has_fewer_rounds_left():
    left = TimeLeft(10, set())
    left.add(7.0)
    assert left.seconds(8) == 14


@pytest.mark.parametrize(
    'seconds, words',
    [(0.4, '0 s'), (99.4, '99 s'), (100, '1.7 min'), (3600, '60.0 min')]
    + [(6000, '1.7 h'), (90_000, '25.0 h')],
)
def test_durations_have_the_unit_that_fits(seconds, words):
    assert duration(seconds) == words
