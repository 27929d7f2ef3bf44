"""What the `type` of a config stands for."""

from collections.abc import Mapping
from typing import Any

from mmengine.registry import Registry


def config_type(config: Any, registry: Registry) -> Any:
    """What would be built from a config: a class or function, or None.

    Args:
        config: With ``type``: a name, a name with its scope (``mmseg.PiCIE``) or the
            class itself. Anything else stands for nothing.
        registry: Where names are looked up.
    """
    kind = config.get('type') if isinstance(config, Mapping) else None
    return registry.get(kind) if isinstance(kind, str) else kind


def is_config_of(config: Any, registry: Registry, kind: type) -> bool:
    """Whether an object of a class, or of a subclass, would be built from a config."""
    built = config_type(config, registry)
    return isinstance(built, type) and issubclass(built, kind)
