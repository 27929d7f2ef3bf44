"""What docstrings refer to exists."""

import importlib
import inspect
import pkgutil
import re

import pytest

import mmseg_picie

MODULES = {
    info.name: importlib.import_module(info.name)
    for info in pkgutil.walk_packages(mmseg_picie.__path__, 'mmseg_picie.')
}
ROLE = re.compile(r':(?:mod|class|func|meth|attr|data):`~?([^`]+)`')


def has(thing, names):
    for name in names:
        if not hasattr(thing, name):
            return False
        thing = getattr(thing, name)
    return True


def exists(target, module):
    """Whether a target is a full name, or one of the module or of its classes."""
    names = target.split('.')
    for count in range(len(names), 0, -1):
        found = MODULES.get('.'.join(names[:count]))
        if found is not None:
            return has(found, names[count:])
    classes = [thing for thing in vars(module).values() if inspect.isclass(thing)]
    return any(has(thing, names) for thing in (module, *classes))


@pytest.mark.parametrize('name', MODULES)
def test_references_resolve(name):
    module = MODULES[name]
    targets = ROLE.findall(inspect.getsource(module))
    assert [target for target in targets if not exists(target, module)] == []


def test_a_wrong_reference_is_found():
    module = MODULES['mmseg_picie.scores.agreement']
    assert exists('purity', module)
    assert exists('mmseg_picie.scores.purity', module)
    assert not exists('majority_match', module)
    assert not exists('mmseg_picie.clustering.label_free', module)
