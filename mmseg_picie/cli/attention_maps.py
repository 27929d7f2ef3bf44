"""Draws where the heads of a ViT look.

python tools/attention_maps.py CONFIG IMAGES OUT

CONFIG has a TransformersBackbone; its weights are those of init_cfg. IMAGES is a folder
or an image. For each image OUT gets a picture: the image, and beside it one for each
head of the last block, where all but the patches that hold most of the attention of the
class token are dimmed (Caron et al., ICCV 2021, section 4.2.2). To draw the network of
a run, write its backbone with tools/export_backbone.py and name that in init_cfg.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.logging import MMLogger
from mmseg.registry import MODELS
from torch import nn

from ..engine import silence_warnings
from ..errors import InputError, MissingFileError, check_least
from ..files import list_images, short_names, write_whole
from ..inference import read_image
from ..models import TransformersBackbone
from ..visualization import draw_attention, keep_mass
from .arguments import add_config_changes, command_parser
from .configs import load_config
from .run import ConfigErrors, run


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/attention_maps.py``; returns the exit code."""
    return run(_draw, make_parser().parse_args(argv))


def make_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = command_parser(__doc__)
    parser.add_argument('config', help='config file path')
    parser.add_argument('images', type=Path, help='folder, or an image')
    parser.add_argument('out', type=Path, help='folder of the pictures')
    parser.add_argument(
        '--size',
        type=int,
        default=480,
        help='short side in pixels at which an image is seen (default: %(default)s)',
    )
    parser.add_argument(
        '--mass',
        type=float,
        default=0.6,
        help='share of the attention that is shown (default: %(default)s)',
    )
    add_config_changes(parser)
    parser.set_defaults(work_dir=None, launcher='none', local_rank=0)
    return parser


def _draw(args: argparse.Namespace) -> None:
    check_least('--size', args.size, 1)
    if not 0 < args.mass <= 1:
        raise InputError(f'--mass must lie in (0, 1], got {args.mass}')
    paths = list(_files(args.images))
    preprocessor, backbone = _network(args)
    for path, name in paths:
        image = _read(path, args.size)
        pixels = torch.from_numpy(image).permute(2, 0, 1)
        inputs = preprocessor(dict(inputs=[pixels]))['inputs']
        attention = backbone.cls_attention(inputs)[0].numpy()
        picture = draw_attention(image, keep_mass(attention, args.mass))
        target = args.out / f'{name}.png'
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, cv2.imencode('.png', picture)[1].tobytes())
    print(f'{args.out}: {len(paths)} picture(s)')


def _network(args: argparse.Namespace) -> tuple[nn.Module, nn.Module]:
    """What normalizes images, and the backbone, with its weights."""
    cfg = load_config(args)
    silence_warnings()
    # mmengine would list how each weight was made.
    MMLogger.get_instance('attention_maps').setLevel('ERROR')
    with ConfigErrors():
        preprocessor = MODELS.build(cfg.model.data_preprocessor)
        backbone = MODELS.build(cfg.model.backbone)
    if not isinstance(backbone, TransformersBackbone):
        raise InputError(
            f'{args.config} has the backbone {type(backbone).__name__}, which has no '
            'class token: name a config with TransformersBackbone'
        )
    backbone.init_weights()
    return preprocessor.eval(), backbone.eval()


def _files(images: Path) -> Iterator[tuple[Path, str]]:
    """Files, and the names of their pictures without suffix."""
    if images.is_dir():
        names, _ = list_images(images)
        if not names:
            raise InputError(f'{images} has no images')
        yield from ((images / name, to) for name, to in short_names(names).items())
    elif images.is_file():
        yield images, images.stem
    else:
        raise MissingFileError(f'{images} does not exist: name a folder or an image')


def _read(path: Path, size: int) -> np.ndarray:
    """An image with a short side of ``size``, (H, W, 3) uint8 BGR."""
    image = read_image(path)
    scale = size / min(image.shape[:2])
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, (width, height), interpolation=how)
