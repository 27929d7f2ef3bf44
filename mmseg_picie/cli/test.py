"""Tests a segmentor."""

import argparse

from ..checkpoints import read_run_checkpoint
from .arguments import add_run_arguments
from .config_checks import check_checkpoint
from .config_edits import enable_pictures, enable_tta, save_masks
from .configs import EvaluationRunner, build_runner, load_config
from .parser import Parser
from .run import ConfigErrors, run


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/test.py``; returns the exit code."""
    return run(_test, make_test_parser().parse_args(argv))


def make_test_parser() -> argparse.ArgumentParser:
    """The arguments of ``tools/test.py``: mmseg's and --data-root."""
    parser = Parser(description='Test (and evaluate) a segmentor')
    parser.add_argument('config', help='config file path')
    parser.add_argument('checkpoint', help='checkpoint file or address')
    parser.add_argument('--out', help='folder for the predicted masks')
    parser.add_argument('--show', action='store_true', help='show the predictions')
    parser.add_argument('--show-dir', help='folder for painted images')
    parser.add_argument(
        '--wait-time', type=float, default=2, help='interval of --show in seconds'
    )
    parser.add_argument('--tta', action='store_true', help='test time augmentation')
    add_run_arguments(parser)
    return parser


def _test(args: argparse.Namespace) -> None:
    cfg = load_config(args)
    check_checkpoint(args.checkpoint, 'checkpoint')
    cfg.load_from, cfg.resume = args.checkpoint, False
    if args.show or args.show_dir:
        enable_pictures(cfg, args.show, args.show_dir, args.wait_time)
    if args.tta:
        enable_tta(cfg)
    if args.out:
        save_masks(cfg, args.out)
    with ConfigErrors() as errors:
        runner = build_runner(cfg, EvaluationRunner)
        errors.end_with_building(runner)
        read_run_checkpoint(args.checkpoint)
        runner.test()
