"""Names the clusters of a checkpoint by a matching, so that it predicts classes.

python tools/store_matching.py CHECKPOINT MATCHING.json OUT.pth

MATCHING.json is what an evaluation of the same checkpoint wrote. Masks of OUT.pth hold
classes once the config says so: --cfg-options model.predict_as=classes.
"""

import argparse
from pathlib import Path

from ..checkpoints import read_matching, read_run_checkpoint, store_matching
from .config_checks import check_checkpoint
from .parser import Parser
from .run import run


def store(args: argparse.Namespace) -> None:
    """Checks the files, writes OUT.pth and prints the names."""
    check_checkpoint(str(args.checkpoint), 'checkpoint')
    read_matching(args.matching)
    read_run_checkpoint(str(args.checkpoint))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    names = store_matching(args.checkpoint, args.matching, args.out, args.majority)
    for cluster, name in enumerate(names):
        print(f'cluster_{cluster} -> {name}')
    print(f'{args.out}: use it with --cfg-options model.predict_as=classes')


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = Parser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('checkpoint', type=Path)
    parser.add_argument('matching', type=Path)
    parser.add_argument('out', type=Path)
    parser.add_argument(
        '--majority',
        action='store_true',
        help='many clusters may share a class (default: one to one)',
    )
    return run(store, parser.parse_args(argv))
