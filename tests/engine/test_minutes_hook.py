"""MinutesHook ends a training with its minutes, its learning rate annealed by then."""

import math
from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub

from mmseg_picie.engine import MinutesHook
from mmseg_picie.engine.hooks import minutes_hook
from mmseg_picie.errors import InputError


@pytest.fixture
def clock(monkeypatch):
    """The time that the hook sees, in seconds."""
    now = SimpleNamespace(value=1000.0)
    monkeypatch.setattr(minutes_hook.time, 'monotonic', lambda: now.value)
    return now


def make_runner(name, max_iters=1000):
    """What the hook reads of a runner."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    return SimpleNamespace(
        message_hub=MessageHub(name),
        optim_wrapper=optimizer,
        iter=0,
        epoch=0,
        max_iters=max_iters,
        train_loop=SimpleNamespace(stop_training=False),
    )


def rate(hook, runner):
    """The learning rate of the step that begins."""
    hook.before_train_iter(runner, 0)
    return runner.optim_wrapper.param_groups[0]['lr']


def test_rate_is_half_a_cosine_of_the_time(clock):
    hook, runner = MinutesHook(minutes=2), make_runner('time')
    hook.before_train(runner)
    for seconds in (0, 30, 60, 119, 120, 500):
        clock.value = 1000 + seconds
        expected = 0.05 * (1 + math.cos(math.pi * min(seconds / 120, 1)))
        assert rate(hook, runner) == pytest.approx(expected, abs=1e-9)


def test_rate_follows_the_rounds_where_they_are_over_first(clock):
    hook, runner = MinutesHook(minutes=100), make_runner('rounds', max_iters=8)
    hook.before_train(runner)
    runner.iter = 4
    clock.value += 1
    assert rate(hook, runner) == pytest.approx(0.05)


@pytest.mark.parametrize(
    ('round_seconds', 'rounds'),
    [(200, 1), (60, 2), (50, 2), (45, 3), (13, 9)],
)
def test_training_ends_with_the_nearest_round(clock, round_seconds, rounds):
    hook, runner = MinutesHook(minutes=2), make_runner(f'ends {round_seconds}')
    hook.before_train(runner)
    count = 0
    while not runner.train_loop.stop_training:
        clock.value += round_seconds
        hook.after_train_epoch(runner)
        count += 1
    assert count == rounds


def test_resumed_training_has_the_time_that_was_left(clock):
    runner = make_runner('resumed')
    hook = MinutesHook(minutes=2)
    hook.before_train(runner)
    clock.value += 50
    hook.after_train_epoch(runner)
    clock.value += 10_000  # until somebody goes on
    hook = MinutesHook(minutes=2)
    runner.epoch = 1
    hook.before_train(runner)
    assert not runner.train_loop.stop_training
    assert hook.used() == 50
    clock.value += 10
    assert rate(hook, runner) == pytest.approx(0.05)


def test_training_that_was_over_has_no_further_round(clock):
    runner = make_runner('over')
    hook = MinutesHook(minutes=2)
    hook.before_train(runner)
    for runner.epoch in (1, 2):
        clock.value += 55
        hook.after_train_epoch(runner)
    runner.train_loop.stop_training = False  # as a new loop has it
    MinutesHook(minutes=2).before_train(runner)
    assert runner.train_loop.stop_training


def test_no_time_is_refused():
    with pytest.raises(InputError, match='minutes must be > 0, got 0'):
        MinutesHook(0)
