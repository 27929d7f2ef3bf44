"""Turns a checkpoint of the authors' released code into one of this package.

python tools/convert_reference_checkpoint.py CHECKPOINT.pth.tar OUT.pth

CHECKPOINT holds the network (ResNet-18 and the four laterals) and view 1's centroids
from before the last epoch, which become the centroids that predict. Test OUT.pth with
the config of the released code's choices, or begin a run with its network:

python tools/test.py configs/picie/picie_fpn_r18_coco27_reference.py OUT.pth
python tools/train.py CONFIG --cfg-options load_from=OUT.pth

For centroids fitted anew with the final network, as the authors' last evaluation has
them:

python tools/train.py configs/picie/picie_fpn_r18_coco27_reference.py --cfg-options \\
    load_from=OUT.pth train_cfg.type=ClusterOnlyLoop \\
    default_hooks.refit.eval_centroids=refit

The file is read without running code from it; one that holds anything but tensors,
plain values and the arguments of its run is refused.
"""

import argparse
from pathlib import Path

from ..checkpoints import convert_reference_checkpoint
from .parser import Parser
from .run import run


def convert(args: argparse.Namespace) -> None:
    """Writes OUT.pth and says what is in it."""
    args.out.parent.mkdir(parents=True, exist_ok=True)
    clusters, size, rounds = convert_reference_checkpoint(args.checkpoint, args.out)
    print(
        f'{args.out}: ResNet-18 after {rounds} epoch(s), {clusters} centroids of '
        f'{size} dimensions'
    )


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = Parser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('checkpoint', type=Path, help="the authors' file")
    parser.add_argument('out', type=Path, help='file to write')
    return run(convert, parser.parse_args(argv))
