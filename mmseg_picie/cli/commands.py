"""Shared code of the command-line tools: mmseg's arguments, and what they do here."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction
from mmengine.logging import MMLogger
from mmengine.runner import EpochBasedTrainLoop, Runner, find_latest_checkpoint
from mmseg.registry import RUNNERS

from ..checkpoints import check_matches, read_run_checkpoint
from ..errors import InputError, MissingFileError
from ..inference import EmbeddingNetwork
from .config_checks import (
    check_checkpoint,
    check_options,
    check_training,
    has_clustering,
)
from .config_edits import (
    enable_amp,
    enable_pictures,
    enable_tta,
    fit_loaders,
    save_masks,
    set_data_root,
    set_resume,
)
from .input_errors import INPUT_ERRORS, input_error
from .launch import end_process_group, init_cpu_process_group
from .quiet import silence_notes, silence_warnings

READER = '_file2dict'  # mmengine's method that reads one config file
LAUNCHERS = ('none', 'pytorch', 'slurm', 'mpi')


# --- entry points -----------------------------------------------------------------


def train(argv: list[str] | None = None) -> int:
    """Runs ``tools/train.py``; returns the exit code."""
    return run(_train, train_parser().parse_args(argv))


def test(argv: list[str] | None = None) -> int:
    """Runs ``tools/test.py``; returns the exit code."""
    return run(_test, test_parser().parse_args(argv))


def run(command: Callable[[Any], None], args: Any) -> int:
    """Calls a command; an error of the input becomes one line and exit code 2.

    Errors of the program keep their traceback; MMSEG_PICIE_TRACEBACK=1 shows it for
    all of them.
    """
    try:
        command(args)
    except INPUT_ERRORS as error:
        message = input_error(error)
        if message is None or os.environ.get('MMSEG_PICIE_TRACEBACK') == '1':
            raise
        sys.stdout.flush()
        print(f'error: {message}', file=sys.stderr)
        code = 2
    else:
        code = 0
    end_process_group()
    return code


# --- arguments --------------------------------------------------------------------


def train_parser() -> argparse.ArgumentParser:
    """The arguments of ``tools/train.py``: mmseg's, --data-root and --seed."""
    parser = argparse.ArgumentParser(description='Train a segmentor')
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
    _add_common(parser)
    return parser


def test_parser() -> argparse.ArgumentParser:
    """The arguments of ``tools/test.py``: mmseg's and --data-root."""
    parser = argparse.ArgumentParser(description='Test (and evaluate) a segmentor')
    parser.add_argument('config', help='config file path')
    parser.add_argument('checkpoint', help='checkpoint file or address')
    parser.add_argument('--out', help='folder for the predicted masks')
    parser.add_argument('--show', action='store_true', help='show the predictions')
    parser.add_argument('--show-dir', help='folder for painted images')
    parser.add_argument(
        '--wait-time', type=float, default=2, help='interval of --show in seconds'
    )
    parser.add_argument('--tta', action='store_true', help='test time augmentation')
    _add_common(parser)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--work-dir', help='folder of logs, checkpoints and figures (work_dirs/CONFIG)'
    )
    add_config_changes(parser)
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def add_config_changes(parser: argparse.ArgumentParser) -> None:
    """--data-root and --cfg-options, alike in every tool."""
    parser.add_argument(
        '--data-root', metavar='DIR', help='data_root of every data set in the config'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=KeyValues,
        default={},
        help='overrides settings of the config: key=value; lists as key="[a,b]" or '
        'key=a,b, nested ones as key="[(a,b),(c,d)]" in quotation marks, no spaces',
    )


def add_network_arguments(parser: argparse.ArgumentParser) -> None:
    """CONFIG, CHECKPOINT and what changes a config, for :func:`load_network`."""
    parser.add_argument('config', help='config file path')
    parser.add_argument('checkpoint', help='checkpoint file or address')
    add_config_changes(parser)
    parser.set_defaults(work_dir=None, launcher='none', local_rank=0)


class KeyValues(DictAction):
    """mmengine's KEY=VALUE, with errors of the command line."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        """Adds the pairs to the namespace."""
        for pair in values or ():
            if '=' not in pair:
                parser.error(f'{option_string} {pair}: expected KEY=VALUE')
        try:
            super().__call__(parser, namespace, values, option_string)
        except AssertionError as error:  # brackets that do not match
            parser.error(f'{option_string}: {error}')


# --- commands ---------------------------------------------------------------------


def _train(args: argparse.Namespace) -> None:
    cfg = load_config(args)
    if args.seed is not None:
        cfg.randomness = dict(cfg.get('randomness') or {}, seed=args.seed)
    if args.amp:
        enable_amp(cfg)
    check_training(cfg)
    source = args.resume or ('auto' if cfg.get('resume') else None)
    if source and not set_resume(cfg, source):
        _say(f'--resume: no checkpoint in {cfg.work_dir}, starting with round 1')
    if cfg.get('load_from'):
        check_checkpoint(cfg.load_from, 'load_from')
    runner = build_runner(cfg)
    start = cfg.get('load_from')
    if cfg.get('resume') and not start:
        start = find_latest_checkpoint(cfg.work_dir)
    if start and _is_finished(runner, start):
        return
    runner.logger.info(f'{len(runner.train_dataloader.dataset)} training images')
    runner.train()


def _is_finished(runner: Runner, start: str) -> bool:
    """Checks the checkpoint that a run starts from; whether no round is left."""
    checkpoint = read_run_checkpoint(start, runner._resume)
    if not runner._resume:
        model = getattr(runner.model, 'module', runner.model)
        remedy = 'Name a checkpoint of the same network'
        check_matches(model, checkpoint['state_dict'], start, remedy)
        return False
    done, total = checkpoint['meta'].get('epoch', 0), runner.max_epochs
    finished = isinstance(runner.train_loop, EpochBasedTrainLoop) and done >= total
    if finished:
        _say(
            f'{done} of {total} rounds are done ({start}); to go on, raise '
            'train_cfg.max_epochs'
        )
    return finished


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
    runner = build_runner(cfg)
    read_run_checkpoint(args.checkpoint)
    runner.test()


def build_runner(cfg: Config) -> Runner:
    """The Runner, in a gloo process group where there is no GPU."""
    if init_cpu_process_group(cfg.launcher):
        # mmengine would pass device_ids, which only GPUs have.
        wrapper = dict(
            type='MMDistributedDataParallel',
            broadcast_buffers=False,
            find_unused_parameters=cfg.get('find_unused_parameters', False),
        )
        wrapper.update(cfg.get('model_wrapper_cfg') or {})
        cfg.model_wrapper_cfg = dict(wrapper, device_ids=None)
    silence_warnings()
    runner = RUNNERS.build(cfg) if 'runner_type' in cfg else Runner.from_cfg(cfg)
    silence_notes(runner.logger, has_clustering(cfg))
    return runner


def load_network(args: argparse.Namespace) -> tuple[Config, EmbeddingNetwork]:
    """The config, and the network of the checkpoint to look at."""
    cfg = load_config(args)
    check_checkpoint(args.checkpoint, 'checkpoint')
    silence_warnings()
    logger = MMLogger.get_instance('embedding_network')
    logger.setLevel(cfg.get('log_level') or 'INFO')
    silence_notes(logger, names_clusters=True)
    return cfg, EmbeddingNetwork(cfg, args.checkpoint)


def load_config(args: argparse.Namespace) -> Config:
    """Reads the config and applies the arguments that both tools have.

    Raises:
        MissingFileError: If the config or the data root does not exist.
        InputError: If an argument would change nothing or cannot be used.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    if not Path(args.config).is_file():
        raise MissingFileError(
            f'config {args.config} does not exist; those of the package are in configs/'
        )
    cfg = _read(args.config)
    check_options(cfg, args.cfg_options)
    cfg.launcher = args.launcher
    cfg.merge_from_dict(args.cfg_options)
    for line in fit_loaders(cfg):
        _say(line)
    if args.data_root is not None:
        changes = set_data_root(cfg, args.data_root)
        _say('\n'.join(changes))
    work_dir = args.work_dir or cfg.get('work_dir')
    cfg.work_dir = work_dir or str(Path('work_dirs') / Path(args.config).stem)
    if Path(cfg.work_dir).exists() and not Path(cfg.work_dir).is_dir():
        raise InputError(f'--work-dir {cfg.work_dir} is a file, expected a folder')
    return cfg


def _read(path: str) -> Config:
    try:
        return Config.fromfile(path)
    except FileNotFoundError as error:
        # mmengine reads a config and those of its _base_ by calling itself.
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        files = [f.f_locals['filename'] for f in frames if f.f_code.co_name == READER]
        asked = files[-2] if len(files) > 1 else path
        raise MissingFileError(
            f'{asked} names a file in _base_ that cannot be read: {error}'
        ) from error


def _say(text: str) -> None:
    """Prints once, before there is a logger or a process group."""
    if os.environ.get('RANK', os.environ.get('SLURM_PROCID', '0')) == '0':
        print(text)
