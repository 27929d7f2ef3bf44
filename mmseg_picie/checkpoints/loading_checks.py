"""What a backbone loads while it is initialized must be of its architecture.

Many backbones of mmseg (Swin, ViT, BEiT, MAE and others) read the file of ``init_cfg``
in their own ``init_weights``, convert it and load what fits, so that a file of another
network means random weights. The check sits where all of them end: in the loading of
the converted names, by torch's or by mmengine's ``load_state_dict``.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.model import BaseModule
from mmengine.runner import CheckpointLoader
from torch import nn

from ..errors import InputError
from .pretrained import BACKBONE_REMEDY, check_matches, remedy_for, strip_prefix

PREFIXED = 'prefixed://'  # followed by prefix, SEPARATOR and file
SEPARATOR = '::'


def check_loading() -> None:
    """Makes the ``init_weights`` of every mmengine module check what is loaded in it.

    Parts that load by themselves also get what mmengine's ``Pretrained`` has and they
    leave out: ``init_cfg.prefix``, and an error that names the file. It is safe to call
    this again.
    """
    init_weights = BaseModule.init_weights
    if getattr(init_weights, 'checks_loading', False):
        return

    @functools.wraps(init_weights)
    def checked(self: BaseModule) -> None:
        with _checks(self):
            init_weights(self)

    checked.checks_loading = True
    BaseModule.init_weights = checked


@contextmanager
def _checks(network: nn.Module) -> Iterator[None]:
    """Inside, every part of a network with a file of weights checks what it loads."""
    undo = []
    for module in network.modules():
        init_cfg = getattr(module, 'init_cfg', None)
        # Some backbones do not ask for the type 'Pretrained'.
        if not isinstance(init_cfg, dict) or not init_cfg.get('checkpoint'):
            continue
        check = _check_of(init_cfg['checkpoint'])
        undo.append(module.register_load_state_dict_pre_hook(check).remove)
        own = getattr(type(module), 'init_weights', None) is not BaseModule.init_weights
        # A call from within another one finds it done.
        if own and 'init_weights' not in vars(module):
            module.init_weights = _explained(module, init_cfg['checkpoint'])
            undo.append(functools.partial(delattr, module, 'init_weights'))
            undo.append(functools.partial(setattr, module, 'init_cfg', init_cfg))
            module.init_cfg = _without_prefix(init_cfg)
    try:
        yield
    finally:
        for step in undo:
            step()


def _check_of(source: str) -> Callable:
    def check(module: nn.Module, state: dict, prefix: str, *args: Any) -> None:
        state = strip_prefix(state, prefix) if prefix else state
        check_matches(module, state, source, remedy_for(module, state))

    return check


def _explained(module: nn.Module, source: str) -> Callable[[], None]:
    """The ``init_weights`` of a module; it names the file that it cannot convert."""
    init_weights = module.init_weights

    def explained() -> None:
        try:
            init_weights()
        except (KeyError, IndexError, RuntimeError) as error:
            reason = f'{type(error).__name__}: {str(error).strip()}'
            reason = reason.splitlines()[0].rstrip('.')
            raise InputError(
                f'{source} cannot be converted for {type(module).__name__}: '
                f'{reason}. If its names begin with backbone., use '
                '--cfg-options model.backbone.init_cfg.prefix=backbone. '
                f'{BACKBONE_REMEDY}.'
            ) from error

    return explained


def _without_prefix(init_cfg: dict) -> dict:
    """The same weights, for a backbone that knows no ``prefix``."""
    prefix = init_cfg.get('prefix')
    if prefix is None:
        return init_cfg
    kept = {key: value for key, value in init_cfg.items() if key != 'prefix'}
    file = init_cfg['checkpoint']
    return dict(kept, checkpoint=f'{PREFIXED}{prefix}{SEPARATOR}{file}')


@CheckpointLoader.register_scheme(prefixes=PREFIXED, force=True)
def load_prefixed(
    filename: str, map_location: str | torch.device | None = None, **_: Any
) -> dict[str, Any]:
    """The weights of a file below a prefix, named without it."""
    prefix, _, file = filename.removeprefix(PREFIXED).partition(SEPARATOR)
    loaded = CheckpointLoader.load_checkpoint(file, map_location, logger='silent')
    return strip_prefix(loaded.get('state_dict', loaded), prefix)


check_loading()
