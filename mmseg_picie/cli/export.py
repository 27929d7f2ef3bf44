"""mmseg-picie export: a network for use without this package."""

from pathlib import Path

from ..checkpoints import (
    PlainIds,
    export_backbone,
    export_mmseg,
    export_onnx,
    find_checkpoint,
)
from ..errors import InputError, check_choice

TARGETS = ('mmseg', 'onnx', 'backbone')
ONNX, BACKBONE = 'model.onnx', 'backbone.pth'


def export(checkpoint: str | Path, to: str, out: str | Path, say) -> None:
    """Runs the command.

    Args:
        checkpoint: A checkpoint file, or the folder of a run.
        to: 'mmseg' (config and checkpoint of mmseg alone), 'onnx' (one file and a
            script that runs it) or 'backbone' (weights for other configs).
        out: Folder to write to.
        say: Takes a line for a person.

    Raises:
        MissingFileError: If the checkpoint does not exist.
        InputError: If ``to`` is unknown, ``out`` is a file, or the network cannot be
            expressed.
    """
    check_choice('--to', to, TARGETS)
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise InputError(f'--out must be a folder, {out} is a file')
    found = find_checkpoint(Path(checkpoint))
    write = dict(mmseg=_mmseg, onnx=_onnx, backbone=_backbone)
    write[to](found, out, say)


def _mmseg(checkpoint: Path, out: Path, say) -> None:
    ids = export_mmseg(checkpoint, out)
    say(f'{out}/config.py and {out}/model.pth run with mmseg alone')
    say(f'ids of its masks are {ids.holds}{_hint(ids)}')
    if ids.left_out:
        say(ids.left_out)


def _hint(ids: PlainIds) -> str:
    if ids.holds == 'clusters of classes':
        return (
            ', since several have one class: ids.json gives the class of each (an '
            'ONNX file gives classes)'
        )
    if None in ids.clusters:
        return '; some have no cluster and are never predicted'
    return ''


def _onnx(checkpoint: Path, out: Path, say) -> None:
    file = out / ONNX
    about = export_onnx(checkpoint, file)
    say(f'{file} gives {about["predicts"]}; equal to the network in onnxruntime')
    say(f'python {out}/run_onnx.py {file} IMAGE OUT.png')
    if 'left_out' in about:
        say(about['left_out'])


def _backbone(checkpoint: Path, out: Path, say) -> None:
    file = out / BACKBONE
    counts, averaged = export_backbone(checkpoint, file)
    if averaged:
        say('averaged weights (EMAHook), as validated')
    say(f'{file} has {sum(counts.values())} entries; in a config:')
    say(
        f"backbone=dict(..., init_cfg=dict(type='Pretrained', checkpoint='{file}', "
        "prefix='backbone.'))"
    )
