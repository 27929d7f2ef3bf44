"""From what a user names to the refinement that is meant."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..errors import InputError, check_choice, did_you_mean
from .dense_crf import DenseCRF
from .guided_filter import GuidedFilter
from .pamr import PAMR
from .refinement import Refinement

_KINDS = {kind.kind: kind for kind in (PAMR, GuidedFilter, DenseCRF)}
NONE = 'none'
REFINEMENTS = (*_KINDS, NONE)


def make_refinement(
    named: str | Mapping[str, Any] | Refinement | None,
) -> Refinement | None:
    """The refinement that a name or a config stands for.

    Args:
        named: 'pamr', 'guided', 'crf' or 'none'; or a dict with that as ``type`` and
            options of the class; or a refinement itself; or None.

    Returns:
        None where nothing is to be refined.

    Raises:
        InputError: If the name or an option is unknown, or a value is out of range.

    Examples:
        >>> str(make_refinement(dict(type='guided', radius=4)))
        'guided(temperature=0.1, radius=4, epsilon=0.001, guide=color)'
    """
    if named is None or isinstance(named, Refinement):
        return named
    options = dict(named) if isinstance(named, Mapping) else dict(type=named)
    name = options.pop('type', None)
    check_choice('refine', name, REFINEMENTS)
    if name == NONE:
        return None
    kind = _KINDS[name]
    known = [field.name for field in fields(kind)]
    unknown = sorted(options.keys() - set(known))
    if unknown:
        said = ', '.join(option + did_you_mean(option, known) for option in unknown)
        raise InputError(f'refine={name!r} has no {said}; it takes {known}')
    return kind(**options)
