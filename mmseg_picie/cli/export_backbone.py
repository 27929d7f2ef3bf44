"""Writes the backbone of a checkpoint for any mmseg config to begin with.

python tools/export_backbone.py CHECKPOINT OUT.pth [--with-neck]

The init_cfg line to use is printed. Images must be normalized as they were in the
training of CHECKPOINT: copy mean, std and bgr_to_rgb of its data_preprocessor.
"""

import argparse
from pathlib import Path

from ..checkpoints import export_backbone
from .config_checks import check_checkpoint
from .parser import Parser
from .run import run


def export(args: argparse.Namespace) -> None:
    """Checks the file, writes OUT.pth and prints how to load it."""
    check_checkpoint(str(args.checkpoint), 'checkpoint')
    counts, averaged = export_backbone(args.checkpoint, args.out, args.with_neck)
    if averaged:
        print('averaged weights (EMAHook), as validated')
    for prefix, count in counts.items():
        part = prefix.rstrip('.')
        print(
            f'{count} entries; {part}=dict(..., init_cfg=dict('
            f"type='Pretrained', checkpoint='{args.out}', prefix='{prefix}'))"
        )


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = Parser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('checkpoint', type=Path)
    parser.add_argument('out', type=Path)
    parser.add_argument(
        '--with-neck', action='store_true', help='also write the weights of the neck'
    )
    return run(export, parser.parse_args(argv))
