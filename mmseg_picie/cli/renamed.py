"""Old names in a config or its options become an error that says the new ones."""

from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from ..errors import InputError
from .old_names import CONFIG_FILES, HOOKS, OPTIONS, TYPES, VALUES, VARIABLES

PAGE = 'docs/renamed.md lists all new names'
SCOPES = ('', 'mmseg')  # where mmseg_picie registers its classes


def check_names(cfg: Config, source: str) -> None:
    """Refuses names of version 0.1 anywhere in a config.

    Args:
        cfg: As read, or with options merged.
        source: Where it is from, for the message.

    Raises:
        InputError: With a line for each old name: where it is, and the new one.
    """
    lines = [
        f'  {place}: {old} is {new} now'
        for key in cfg
        for place, old, new in _old_names(cfg[key], key)
    ]
    if lines:
        raise InputError('\n'.join([f'{source} has old names; {PAGE}', *lines]))


def check_hook_options(cfg: Config, options: dict[str, Any]) -> None:
    """Refuses ``custom_hooks.0.batch_size=64`` where hooks have names.

    Args:
        cfg: As read, before the options are merged.
        options: Values by dotted key.

    Raises:
        InputError: Naming the key to set instead.
    """
    if cfg.get('custom_hooks'):
        return
    for key, value in options.items():
        top, _, rest = key.partition('.')
        index, _, option = rest.partition('.')
        if top == 'custom_hooks' and index.isdecimal():
            raise InputError(
                f'--cfg-options {key}={value}: hooks have names instead of numbers; '
                f'set {_hook_option(int(index), option, value)}; {PAGE}'
            )


def new_config_file(text: str) -> str | None:
    """What a config file of version 0.1 is now, or None.

    Args:
        text: A path, or an error that names one.

    Examples:
        >>> new_config_file('configs/picie/picie_fpn_r18_camvid_paper.py')
        'configs/picie/picie_fpn_r18_camvid.py'
        >>> new_config_file('configs/frozen/kmeans_r18_camvid.py')
        'configs/pretrained_features/kmeans_r18_camvid.py'
    """
    for old, (file, options) in CONFIG_FILES.items():
        if f'/{old}' in text:
            changed = f'--cfg-options {options}' if options else ''
            return ' '.join(filter(None, [file and f'configs/{file}', changed]))
    return None


def new_variable(error: BaseException | None) -> str | None:
    """What an attribute that ``_base_`` has no longer is now, or None."""
    for old, new in VARIABLES.items():
        if f"no attribute '{old}'" in str(error):
            return f'_base_.{old} is {new} now; {PAGE}'
    return None


def _old_names(node: Any, place: str) -> Iterator[tuple[str, str, str]]:
    """Place, old and new name of whatever is old at or below a node."""
    if isinstance(node, dict):
        kind = _name(node.get('type'))
        if kind in TYPES:
            yield place, kind, TYPES[kind]
        if kind == 'KMeansLabelHook' and place.startswith('custom_hooks.'):
            yield place, f'the place of {kind}', f'default_hooks.{HOOKS[kind]}'
        for key, value in node.items():
            if (kind, key) in OPTIONS:
                yield place, key, OPTIONS[kind, key]
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(item, str) and (key, item) in VALUES:
                    yield f'{place}.{key}', item, VALUES[key, item]
            yield from _old_names(value, f'{place}.{key}')
    elif isinstance(node, (list, tuple)):
        for index, value in enumerate(node):
            yield from _old_names(value, f'{place}.{index}')


def _name(kind: Any) -> str | None:
    """Name of a class given by name, by name with mmseg's scope or as such."""
    if isinstance(kind, type):
        return kind.__name__
    scope, _, name = kind.rpartition('.') if isinstance(kind, str) else ('', '', None)
    return name if scope in SCOPES else None


def _hook_option(index: int, option: str, value: Any) -> str:
    kinds = list(HOOKS)
    if index >= len(kinds):
        return 'default_hooks.NAME'
    new = OPTIONS.get((kinds[index], option), option)
    if '=' in new:
        return new
    if new.startswith('default_hooks.'):
        return f'{new}={value}'
    return f'default_hooks.{HOOKS[kinds[index]]}.{new}={value}'
