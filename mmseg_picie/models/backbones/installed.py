"""Backbones of other packages, which may not be installed."""

from importlib.util import find_spec
from typing import Any

from ...errors import InputError

# Backbones that need a package.
WRAPPERS = dict(TIMMBackbone='timm', TransformersBackbone='transformers')


def check_backbone_package(config: dict[str, Any]) -> None:
    """Names the package of a backbone that is not installed.

    Args:
        config: Of the backbone, such as ``dict(type='mmpretrain.ConvNeXt')``, where
            what is before the dot is the package.

    Raises:
        InputError: With the command that installs it.

    Examples:
        >>> check_backbone_package(dict(type='mmseg.ResNet'))
    """
    name = config.get('type')
    if not isinstance(name, str):
        return
    package = WRAPPERS.get(name.rpartition('.')[2])
    if package is None and '.' in name:
        package = name.partition('.')[0]
    if package and find_spec(package) is None:
        raise InputError(
            f'model.backbone.type={name} needs the package {package}, which is not '
            f'installed: pip install {package}'
        )
