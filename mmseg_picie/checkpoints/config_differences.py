"""What a run that goes on has in its config that it had otherwise before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mmengine.config import Config

# What shapes a training. Variables of a config file and names of folders do not.
SETTINGS = (
    'model',
    'train_dataloader',
    'val_dataloader',
    'val_evaluator',
    'train_cfg',
    'val_cfg',
    'optim_wrapper',
    'param_scheduler',
    'auto_scale_lr',
    'default_hooks',
    'custom_hooks',
    'randomness',
    'env_cfg',
)
# Weights that a run began with are not loaded again; the console is for the eyes.
LEFT_OUT = ('init_cfg', 'console', 'logger')
LONGEST = 60  # characters of a value


class _Absent:
    def __repr__(self) -> str:
        return 'not set'


ABSENT = _Absent()


@dataclass
class Difference:
    """A setting that changed.

    Attributes:
        key: Dotted, as for ``--cfg-options``, or words.
        before: Its value then.
        now: Its value now.
    """

    key: str
    before: Any
    now: Any

    def __str__(self) -> str:
        return f'{self.key}: {_short(self.before)} then, {_short(self.now)} now'


def config_differences(before: Config, now: Config) -> list[Difference]:
    """The settings of a training that differ between two configs.

    Args:
        before: Of the run so far.
        now: Of the run that goes on.

    Examples:
        >>> old, new = Config(dict(train_cfg=dict(max_epochs=3))), Config(dict())
        >>> [str(one) for one in config_differences(old, new)]
        ["train_cfg: {'max_epochs': 3} then, not set now"]
    """
    return [
        difference
        for name in SETTINGS
        for difference in _differences(
            _plain(before.get(name)), _plain(now.get(name)), name
        )
    ]


def _differences(before: Any, now: Any, key: str) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(now, dict):
        for name in sorted({*before, *now} - set(LEFT_OUT), key=str):
            yield from _differences(
                before.get(name, ABSENT), now.get(name, ABSENT), f'{key}.{name}'
            )
    elif _are_lists(before, now) and len(before) == len(now):
        for index, pair in enumerate(zip(before, now, strict=True)):
            yield from _differences(*pair, f'{key}.{index}')
    elif (before is not ABSENT or now is not ABSENT) and before != now:
        yield Difference(key, before, now)


def _are_lists(*values: Any) -> bool:
    return all(isinstance(value, list) for value in values)


def _plain(value: Any) -> Any:
    """A value as both configs have it; one was read from text."""
    if value is None:
        return ABSENT
    if isinstance(value, dict):
        pairs = ((key, _plain(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not ABSENT}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (bool, int, float)) else str(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f'{text[: LONGEST - 4]} ...'
