"""Trains a segmentor."""

import argparse
from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.runner import EpochBasedTrainLoop, Runner

from ..checkpoints import check_matches, read_run_checkpoint
from ..engine import CheckpointHook, find_hook, warn_of_images
from .arguments import add_run_arguments
from .config_checks import check_checkpoint, check_training, has_clustering
from .config_edits import enable_amp, enable_tensorboard, set_resume
from .configs import TrainRunner, build_runner, load_config, say
from .parser import Parser
from .run import ConfigErrors, run
from .train_results import tell_results


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/train.py``; returns the exit code."""
    return run(_train, make_train_parser().parse_args(argv))


def make_train_parser() -> argparse.ArgumentParser:
    """The arguments of ``tools/train.py``: mmseg's, --data-root and --seed."""
    parser = Parser(description='Train a segmentor')
    parser.add_argument('config', help='train config file path')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='FILE',
        help='go on from the latest checkpoint in the work_dir, or from FILE',
    )
    parser.add_argument(
        '--amp', action='store_true', help='automatic mixed precision (GPU only)'
    )
    parser.add_argument('--seed', type=int, help='sets randomness.seed')
    parser.add_argument(
        '--verbose',
        action='store_true',
        help="mmengine's whole log on the console; it is in the work_dir in any case",
    )
    parser.add_argument(
        '--tensorboard',
        action='store_true',
        help='write curves for TensorBoard as well (pip install tensorboard; then '
        'tensorboard --logdir WORK_DIR)',
    )
    add_run_arguments(parser)
    return parser


def _train(args: argparse.Namespace) -> None:
    cfg = load_config(args)
    if args.seed is not None:
        cfg.randomness = dict(cfg.get('randomness') or {}, seed=args.seed)
    if args.amp:
        enable_amp(cfg)
    if args.verbose and cfg.get('default_hooks', {}).get('console'):
        cfg.default_hooks.console = None
    if args.tensorboard:
        enable_tensorboard(cfg)
    check_training(cfg)
    source = args.resume or ('auto' if cfg.get('resume') else None)
    if source and not set_resume(cfg, source, say):
        say(f'--resume: no checkpoint in {cfg.work_dir}, starting with round 1')
    if cfg.get('load_from'):
        check_checkpoint(cfg.load_from, 'load_from')
    with ConfigErrors() as errors:
        runner = build_runner(cfg, TrainRunner)
        errors.end_with_building(runner)
        initial = cfg.get('load_from')
        if initial and _is_finished(runner, initial):
            return
        runner.logger.info(f'{len(runner.train_dataloader.dataset)} training images')
        if has_clustering(cfg):
            warn_of_images(runner)
        runner.train()
    if is_main_process():
        tell_results(runner, args.config, has_clustering(cfg))


def _is_finished(runner: Runner, initial: str) -> bool:
    """Checks the checkpoint that a run begins with; whether no round is left."""
    checkpoint = read_run_checkpoint(initial, runner._resume)
    if not runner._resume:
        model = getattr(runner.model, 'module', runner.model)
        remedy = 'Name a checkpoint of the same network'
        check_matches(model, checkpoint['state_dict'], initial, remedy)
        return False
    done, total = checkpoint['meta'].get('epoch', 0), runner.max_epochs
    finished = isinstance(runner.train_loop, EpochBasedTrainLoop) and done >= total
    saves = find_hook(runner, CheckpointHook)
    if finished and saves and saves.misses_validation(runner, Path(initial), done):
        say(f'{done} of {total} rounds are done; the validation of the last one is due')
        return False
    if finished:
        say(
            f'{done} of {total} rounds are done ({initial}); to go on, raise '
            'train_cfg.max_epochs'
        )
    return finished
