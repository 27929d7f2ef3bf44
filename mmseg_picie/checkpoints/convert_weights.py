"""The authors' weights of self-supervised networks, for backbones of a config."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, check_choice
from ..files import save_whole
from .convert_resnets import PREFIXES, RESNET, convert_resnet
from .convert_vits import VITS, is_vit
from .foreign_files import read_foreign_state

METHODS = (*VITS, *(name for name in PREFIXES if name not in VITS))


@dataclass(frozen=True)
class ConvertedWeights:
    """What :func:`convert_weights` wrote.

    Attributes:
        backbone: Config of the backbone that loads the file.
        count: Number of tensors.
        has_classifier: Whether the authors' file has a classifier of ImageNet's
            classes, which was left out.
    """

    backbone: dict
    count: int
    has_classifier: bool


def convert_weights(method: str, source: Path, out: Path) -> ConvertedWeights:
    """Writes the authors' weights by the names of a backbone of a config.

    ``dino`` is a ViT or a ResNet-50, as the file's names say. Nothing of the file
    runs.

    Args:
        method: One of ``METHODS``.
        source: The authors' file.
        out: File to write, ``{'state_dict': ...}``, for ``init_cfg``.

    Raises:
        MissingFileError: If ``source`` does not exist.
        InputError: If the method is unknown, the file is not exactly of its network,
            or ``out`` is ``source``.
    """
    check_choice('method', method, METHODS)
    if out.resolve() == source.resolve():
        raise InputError(f'out must be another file than the weights, got {out}')
    state = read_foreign_state(source)
    has_classifier = False
    if method in VITS and not (method in PREFIXES and not is_vit(state)):
        vit = VITS[method](state, str(source))
        weights, backbone = vit.weights, vit.backbone
    else:
        weights, has_classifier = convert_resnet(state, method, str(source))
        backbone = dict(RESNET)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_whole(out, dict(meta=dict(backbone=backbone), state_dict=weights))
    backbone['init_cfg'] = dict(type='Pretrained', checkpoint=str(out))
    return ConvertedWeights(backbone, len(weights), has_classifier)
