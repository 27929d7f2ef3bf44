"""Repairs the platform on import.

One repair is elsewhere, as it reads checkpoints: `checkpoints/newest_checkpoint.py`
lets mmengine go on from the newest whole checkpoint.

Both stacks are served, OpenMMLab's own (mmengine, mmcv-lite, mmsegmentation) and the
maintained fork (onedl-*), and each repair looks at what is missing rather than at a
version number. `mmseg_picie/__init__.py` imports this file before anything that
imports `mmseg.models`.
"""

import importlib
import os
import re
import socket
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from .safe_loading import safe_load

_INSTALL_HINT = (
    "mmseg_picie needs {missing}. Run: pip install 'mmseg_picie[openmmlab]' "
    "(or 'mmseg_picie[onedl]' for the maintained fork, never both in one environment); "
    'PyTorch >= 2.6 is installed first, see https://pytorch.org.'
)
_DOWNLOAD_TIMEOUT = 30.0  # seconds without an answer; torch.hub sets none


def require_stack() -> None:
    """Check that torch, mmengine, mmcv and mmseg can be found.

    Raises:
        ImportError: One message with the command to run.
    """
    names = ('torch', 'mmengine', 'mmcv', 'mmseg')
    missing = [n for n in names if n not in sys.modules and not find_spec(n)]
    if missing:
        raise ImportError(_INSTALL_HINT.format(missing=', '.join(missing)))
    if not hasattr(importlib.import_module('torch').serialization, 'safe_globals'):
        raise ImportError(_INSTALL_HINT.format(missing='PyTorch >= 2.6'))


def install_ops_stand_in() -> bool:
    """Put a module `mmcv.ops` into `sys.modules` where mmcv has no compiled ops.

    mmseg imports `mmcv.ops` without a guard in four places, so that with mmcv-lite
    `import mmseg.models` fails. The stand-in offers what those places use; any other
    op raises ModuleNotFoundError, which mmseg's own guards catch.

    Returns:
        Whether the stand-in is in place.
    """
    if 'mmcv.ops' in sys.modules:
        return getattr(sys.modules['mmcv.ops'], 'is_stand_in', False)
    if find_spec('mmcv._ext'):
        return False
    mmcv = importlib.import_module('mmcv')
    folder = Path(mmcv.__path__[0]) / 'ops'
    ops = types.ModuleType('mmcv.ops', 'Stand-in of mmseg_picie for mmcv-lite.')
    spec = spec_from_file_location(
        'mmcv.ops', folder / '__init__.py', submodule_search_locations=[str(folder)]
    )
    ops.__spec__ = spec
    ops.__path__ = [str(folder)]
    ops.__package__ = 'mmcv.ops'
    ops.__file__ = str(folder / '__init__.py')
    ops.is_stand_in = True
    ops.sigmoid_focal_loss = _missing_focal_loss
    ops.__getattr__ = _missing_op
    sys.modules['mmcv.ops'] = ops
    # The package's own file needs no compiled code, only its __init__ does.
    ops.point_sample = importlib.import_module('mmcv.ops.point_sample').point_sample
    mmcv.ops = ops
    return True


def _missing_op(name: str) -> Any:
    if name.startswith('__'):  # inspect and copy probe modules for these
        raise AttributeError(f"module 'mmcv.ops' has no attribute '{name}'")
    raise ModuleNotFoundError(
        f"mmcv.ops.{name} needs full mmcv's compiled code, this is mmcv-lite",
        name=f'mmcv.ops.{name}',
    )


def _missing_focal_loss(*args: Any, **kwargs: Any) -> None:
    raise ModuleNotFoundError(
        "mmcv.ops.sigmoid_focal_loss needs full mmcv's compiled code, this is "
        "mmcv-lite: choose another loss than mmseg's FocalLoss",
        name='mmcv.ops.sigmoid_focal_loss',
    )


def cached_download(url: str) -> Path:
    """Path of a downloaded file in torch's cache, fetched where it is not there yet.

    In distributed runs the first process of each node fetches; a failure anywhere is
    raised on every rank, so that none waits for the others.

    Args:
        url: An http or https address.

    Raises:
        ConnectionError: If a node could not fetch it; says what to put where.
    """
    import torch
    from mmengine.dist import all_gather_object, barrier, get_rank, get_world_size

    name = Path(urlparse(url).path).name
    target = Path(torch.hub.get_dir()) / 'checkpoints' / name
    failure = None
    if int(os.environ.get('LOCAL_RANK', get_rank())) == 0 and not target.is_file():
        failure = _fetch(url, target)
    if get_world_size() > 1:
        barrier()
        failure = next((f for f in all_gather_object(failure) if f), None)
    if failure:
        raise ConnectionError(
            f'{url} could not be fetched ({failure}). Get the file elsewhere and put '
            f'it at {target}, or name a local file.'
        )
    return target


def _fetch(url: str, target: Path) -> str | None:
    """Download to `target`; the reason of a failure, or None."""
    import torch

    # torchvision and mmseg both end file names with the start of the SHA-256.
    digest = re.search(r'-([0-9a-f]{8,})\.', target.name)
    prefix = digest.group(1) if digest and not digest.group(1).isdigit() else None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _socket_timeout(_DOWNLOAD_TIMEOUT):
            torch.hub.download_url_to_file(url, str(target), prefix, progress=False)
    except (OSError, RuntimeError) as error:  # RuntimeError: the hash differs
        return f'{type(error).__name__}: {error}'
    return None


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _load_from_local(filename: str, map_location: Any = None) -> Any:
    return safe_load(filename, map_location)


def _load_from_http(url: str, map_location: Any = None) -> Any:
    return safe_load(cached_download(url), map_location)


def register_checkpoint_loaders() -> None:
    """Replace mmengine's local and http checkpoint loaders by the safe ones."""
    from mmengine.runner import CheckpointLoader
    from mmengine.runner import checkpoint as module

    # mmengine logs a loader's name from its 11th character on.
    loaders: dict[str, tuple[Callable, tuple[str, ...]]] = {
        'load_from_local': (_load_from_local, ('',)),
        'load_from_http': (_load_from_http, ('http://', 'https://')),
    }
    for name, (loader, prefixes) in loaders.items():
        loader.__name__ = name
        CheckpointLoader.register_scheme(prefixes, loader, force=True)
        # torchvision:// and open-mmlab:// resolve to an address and call this name.
        setattr(module, name, loader)


def avoid_mps() -> None:
    """Stay on the CPU where mmengine would choose Apple's MPS.

    Counts and sums are float64, which MPS does not have.
    """
    device = importlib.import_module('mmengine.device.utils')
    if device.DEVICE == 'mps':
        device.DEVICE = 'cpu'


def allow_absent_hooks() -> None:
    """Let ``default_hooks.NAME=None`` take out any hook.

    mmengine takes out its own six and fails on others.
    """
    from mmengine.runner import Runner

    register = Runner.register_default_hooks
    if getattr(register, 'allows_absent', False):
        return
    own = 'runtime_info timer sampler_seed logger param_scheduler checkpoint'.split()

    def register_present(self: Runner, hooks: dict | None = None) -> None:
        if hooks is not None:
            hooks = {k: v for k, v in hooks.items() if v is not None or k in own}
        register(self, hooks)

    register_present.allows_absent = True
    Runner.register_default_hooks = register_present


def apply() -> None:
    """Apply every repair; safe to call again."""
    require_stack()
    if install_ops_stand_in():
        # mmcv warns of the missing op whether it is used or not.
        warnings.filterwarnings('ignore', 'Fail to import ``MultiScaleDeformable')
    register_checkpoint_loaders()
    allow_absent_hooks()
    avoid_mps()


apply()
