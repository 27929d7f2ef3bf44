"""--cfg-options, merged so that the config agrees with itself.

A variable of a config file, such as ``test_pipeline``, is used while the file is read:
settings get its value, and a later change of one does not reach the other. mmseg reads
``test_pipeline`` all the same (``inference_model``), and people read a dumped config.
"""

import copy
from typing import Any

from mmengine.config import Config

from .config_checks import settings, users

PIPELINE = 'test_pipeline'


def merge_options(cfg: Config, options: dict[str, Any]) -> None:
    """Merges options into a config and keeps its variables true.

    ``test_pipeline...`` changes the loaders whose pipeline it is. A change of the test
    loader's pipeline changes ``test_pipeline``. Any other variable that no longer has
    one value in all the settings it went to is taken out.

    Args:
        cfg: Changed in place.
        options: Values by dotted key, checked.
    """
    variables = [name for name in cfg if name not in settings()]
    places = {name: users(cfg, name) for name in variables}
    own = {k: v for k, v in options.items() if k.partition('.')[0] == PIPELINE}
    cfg.merge_from_dict({k: v for k, v in options.items() if k not in own})
    if own:
        cfg.merge_from_dict(own)
        for place in places.pop(PIPELINE):
            _set(cfg, place, copy.deepcopy(cfg[PIPELINE]))
    for name, keys in places.items():
        values = [_get(cfg, key) for key in keys]
        if not keys or all(value == cfg[name] for value in values):
            continue
        if name == PIPELINE:
            tested = [k for k in keys if k.startswith('test_dataloader.')] or keys
            cfg[name] = copy.deepcopy(_get(cfg, tested[0]))
        elif all(value == values[0] for value in values):
            cfg[name] = copy.deepcopy(values[0])
        else:
            cfg.pop(name)


def _steps(key: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in key.split('.')]


def _get(cfg: Config, key: str) -> Any:
    node: Any = cfg
    for step in _steps(key):
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):  # an option took it out
            return None
    return node


def _set(cfg: Config, key: str, value: Any) -> None:
    *steps, last = _steps(key)
    node: Any = cfg
    for step in steps:
        node = node[step]
    node[last] = value
