"""Weights of a trained network for other configs of mmseg."""

from pathlib import Path

import torch

from ..errors import InputError
from ..files import save_whole
from .pretrained import read_run_checkpoint

BACKBONE, NECK = 'backbone.', 'neck.'


def export_backbone(
    checkpoint: Path, out: Path, with_neck: bool = False
) -> tuple[dict[str, int], bool]:
    """Writes backbone, and neck if asked, of a checkpoint to a file of their own.

    Names keep their prefix, so that one file serves both parts:
    ``init_cfg=dict(type='Pretrained', checkpoint=out, prefix='backbone.')``. Of a run
    with averaged weights (EMAHook) these are the averages: mmengine stores them as the
    checkpoint's model, and they are what was validated.

    Args:
        checkpoint: Written by a training run.
        out: File to write, ``{'state_dict': ...}``; not the checkpoint itself.
        with_neck: Whether to add the neck.

    Returns:
        Number of entries by prefix, and whether they are averages.

    Raises:
        InputError: If ``checkpoint`` is no checkpoint of a run or lacks a part, or
            ``out`` is the same file.
    """
    if out.resolve() == checkpoint.resolve():
        raise InputError(f'out must be another file than the checkpoint, got {out}')
    loaded = read_run_checkpoint(str(checkpoint))
    state = loaded['state_dict']
    kept, counts = {}, {}
    for prefix in (BACKBONE, NECK) if with_neck else (BACKBONE,):
        # In the default memory order, and apart from larger stored tensors.
        part = {
            name: value.clone(memory_format=torch.contiguous_format)
            for name, value in state.items()
            if name.startswith(prefix)
        }
        if not part:
            found = sorted({name.partition('.')[0] for name in state})
            raise InputError(
                f'{checkpoint} has no {prefix}* weights, its parts are {found}: name '
                'the checkpoint of a segmentor that has them'
                + (', or leave out --with-neck' if prefix == NECK else '')
            )
        kept.update(part)
        counts[prefix] = len(part)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_whole(out, {'state_dict': kept})
    return counts, 'ema_state_dict' in loaded
