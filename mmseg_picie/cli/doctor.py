"""mmseg-picie doctor: versions, devices, weights, and what mends what is missing."""

import importlib
import importlib.util
import json
import os
import shutil
from typing import Any

import torch

from ..checkpoints import PACKAGED_WEIGHTS, packaged_file
from ..engine import versions
from ..errors import InputError

# Module, what it is for, and what to type without it.
OPTIONAL = (
    ('onnxruntime', 'export to ONNX', "pip install 'mmseg_picie[onnx]'"),
    ('pycocotools', 'masks as COCO JSON', "pip install 'mmseg_picie[coco]'"),
    ('faiss', "k-means with backend='faiss'", "pip install 'mmseg_picie[faiss]'"),
    ('pydensecrf', 'masks refined by crf', "pip install 'mmseg_picie[crf]'"),
    ('transformers', 'ViTs', "pip install 'mmseg_picie[transformers]'"),
    ('rasterio', 'large or placed TIFF', "pip install 'mmseg_picie[geo]'"),
)
DEFAULT_WEIGHTS = 'efficientnet-lite0'  # what fit begins with
LEAST_SHARED = 256 * 2**20  # bytes of shared memory that loader workers need


def doctor(as_json: bool, say) -> int:
    """Prints what is there; exit code 1 if something that fit needs is not.

    Args:
        as_json: Whether to print JSON.
        say: Takes a line for a person.
    """
    report = examine()
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        for line in describe(report):
            say(line)
    return 1 if report['problems'] else 0


def examine() -> dict[str, Any]:
    """Versions, devices, weights, optional packages and problems, each in words."""
    weights, problems = {}, []
    for name in PACKAGED_WEIGHTS:
        try:
            weights[name] = str(packaged_file(name))
        except InputError as error:
            weights[name] = None
            if name == DEFAULT_WEIGHTS:
                problems.append(str(error))
    optional = {}
    for module, use, remedy in OPTIONAL:
        found = importlib.util.find_spec(module) is not None
        optional[module] = dict(use=use, found=found, remedy=remedy)
    if os.path.isdir('/dev/shm'):
        free = shutil.disk_usage('/dev/shm').free
        if free < LEAST_SHARED:
            problems.append(
                f'/dev/shm has {free // 2**20} MB free, loader workers need 256: in a '
                'container, start it with --shm-size 1g'
            )
    return dict(
        versions=versions(),
        devices=devices(),
        weights=weights,
        optional=optional,
        problems=problems,
    )


def devices() -> list[str]:
    """What networks can run on."""
    gpus = [
        f'cuda:{index} {torch.cuda.get_device_name(index)}'
        for index in range(torch.cuda.device_count())
    ]
    return [f'cpu, {torch.get_num_threads()} threads', *gpus]


def describe(report: dict[str, Any]) -> list[str]:
    """The report as lines for a person."""
    lines = [f'{name:14} {value}' for name, value in report['versions'].items()]
    lines += [f'device         {device}' for device in report['devices']]
    for name, file in report['weights'].items():
        lines.append(f'weights        {name}: {file or "not installed"}')
    for module, entry in report['optional'].items():
        state = 'installed' if entry['found'] else f'not installed: {entry["remedy"]}'
        lines.append(f'{module:14} {state} ({entry["use"]})')
    problems = report['problems'] or ['nothing is missing: mmseg-picie fit IMAGES']
    return [*lines, '', *problems]
