"""A class is found by the name it has in Python."""

import inspect

import mmengine.registry as registries
import mmseg.registry

import mmseg_picie  # noqa: F401  registers the package's classes

# Replaces mmengine's initializer, so it must have the name that mmengine gives it.
REPLACEMENTS = {'Pretrained'}


def test_every_class_is_registered_by_its_own_name():
    pairs = [
        (name, found)
        for registry in vars(mmseg.registry).values()
        if isinstance(registry, registries.Registry)
        for name, found in registry.module_dict.items()
        if inspect.isclass(found) and found.__module__.startswith('mmseg_picie')
    ]
    assert len(pairs) > 20
    other = {name: found.__name__ for name, found in pairs if name != found.__name__}
    assert set(other) == REPLACEMENTS
