"""A trained network as an ONNX file that needs neither torch nor this package."""

import importlib
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from mmengine.config import Config
from torch import Tensor

from ..errors import InputError
from ..files import write_whole
from ..models import UNMATCHED, ClusterSegmentor
from .plain_images import PlainImages, check_masks, left_out
from .stored_config import build_segmentor, stored_resize

NEEDED = ('onnx', 'onnxruntime', 'onnxscript')
SCRIPT = Path(__file__).with_name('run_onnx.py')
ENDLESS = ('SwinTransformer',)  # what torch 2.13 traces for images of any size
# Sides that no stride divides, so that nothing of them becomes a constant unseen.
EXAMPLE = (2, 3, 98, 130)


def export_onnx(checkpoint: Path, out: Path) -> dict[str, str]:
    """Writes a network as an ONNX file, and beside it a script that runs it.

    Input ``images``: RGB, (N, 3, H, W) uint8 as image files hold them; the
    normalization is in the graph. Output ``ids``: (N, H, W) int64, classes or clusters
    as the checkpoint predicts. N, H and W are free. The file is run by onnxruntime on
    drawn images of other sizes and compared with torch before it is put in place.

    Args:
        checkpoint: Written by a training run, or a named copy of one.
        out: File to write, ``*.onnx``; ``run_onnx.py`` goes into its folder.

    Returns:
        What the file says of itself: ``predicts`` ('clusters' or 'classes'),
        ``names``, ``colors`` (JSON lists, by id), ``ignore_id`` (of classes),
        ``channel_order``, ``normalization`` (JSON, for reading only), ``short_side``
        (of the images in tests of the run, where they were resized to one),
        ``version``, and ``left_out`` where masks are refined after the network.

    Raises:
        InputError: If a package is missing, ``out`` is no ``.onnx`` file, the
            checkpoint cannot predict, or its network cannot be expressed.
        MissingFileError: If the checkpoint does not exist.
    """
    _check_packages()
    if out.suffix != '.onnx':
        raise InputError(f'out must end in .onnx, got {out}')
    model, cfg = build_segmentor(checkpoint)
    backbone = type(model.backbone).__name__
    if backbone in ENDLESS:
        raise InputError(
            f"torch's exporter did not come to an end on {backbone} in 9 minutes: "
            'export it with --to mmseg'
        )
    graph = PlainImages(model).eval().requires_grad_(False)
    about = _about(model, cfg)
    data = _serialize(graph, about)
    _run_beside(graph, data)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, data)
    write_whole(out.with_name(SCRIPT.name), SCRIPT.read_bytes())
    return about


def _check_packages() -> None:
    missing = []
    for name in NEEDED:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    if missing:
        raise InputError(
            f'an ONNX file needs {", ".join(missing)}, not installed here: '
            f'pip install {" ".join(NEEDED)}'
        )


def _about(model: ClusterSegmentor, cfg: Config) -> dict[str, str]:
    """The metadata of the file."""
    # Not at the top: the package imports this room.
    from .. import __version__

    meta = model.dataset_meta
    about = dict(
        predicts=model.predict_as,
        names=json.dumps(list(meta['classes'])),
        colors=json.dumps([list(map(int, color)) for color in meta['palette']]),
        channel_order='RGB',
        version=__version__,
    )
    if left_out(model):
        about['left_out'] = left_out(model)
    if model.predict_as == 'classes':
        about['ignore_id'] = str(UNMATCHED)
    preprocessor = model.data_preprocessor
    if getattr(preprocessor, '_enable_normalize', False):
        about['normalization'] = json.dumps(
            dict(
                in_graph=True,
                mean=preprocessor.mean.flatten().tolist(),
                std=preprocessor.std.flatten().tolist(),
            )
        )
    resize = stored_resize(cfg)
    if resize is not None:
        about['short_side'] = str(resize['size'])
    return about


def _serialize(graph: PlainImages, about: dict[str, str]) -> bytes:
    free = torch.export.Dim.DYNAMIC
    try:
        with torch.no_grad(), _quiet():
            program = torch.onnx.export(
                graph,
                (torch.zeros(EXAMPLE, dtype=torch.uint8),),
                dynamo=True,
                input_names=['images'],
                output_names=['ids'],
                dynamic_shapes=({0: free, 2: free, 3: free},),
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        backbone = type(graph.model.backbone).__name__
        raise InputError(
            f'torch cannot write this network ({backbone}) as an ONNX graph for images '
            f'of any size: {str(error).strip().splitlines()[0]}'
        ) from error
    program.model.metadata_props.update(about)
    return program.model_proto.SerializeToString()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps back what torch's exporter logs of its own optional parts."""
    logger = logging.getLogger('torch.onnx')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', FutureWarning)
            yield
    finally:
        logger.setLevel(level)


def _run_beside(graph: PlainImages, data: bytes) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=['CPUExecutionProvider'])

    def ids(images: Tensor) -> Tensor:
        return torch.from_numpy(session.run(['ids'], {'images': images.numpy()})[0])

    check_masks(graph, ids)
