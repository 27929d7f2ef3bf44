"""From the arguments of a command to a config, a runner or a network."""

import argparse
import os
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import Runner
from mmseg.registry import RUNNERS

from ..engine import ConsoleHook, quiet_console, silence_notes, silence_warnings
from ..errors import InputError, MissingFileError
from ..inference import EmbeddingNetwork
from ..models import check_backbone_package
from .config_checks import check_checkpoint, check_options, has_clustering, has_hook
from .config_edits import fit_loaders, set_data_root
from .launch import init_cpu_process_group
from .merged_options import merge_options
from .renamed import check_hook_options, check_names, new_config_file, new_variable
from .run import ConfigErrors


def load_config(args: argparse.Namespace) -> Config:
    """Reads the config and applies the arguments that all commands have.

    Raises:
        MissingFileError: If the config or the data root does not exist.
        InputError: If an argument would change nothing or cannot be used, or the
            config cannot be read.
    """
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = _read(args.config)
    check_names(cfg, args.config)
    check_hook_options(cfg, args.cfg_options)
    check_options(cfg, args.cfg_options)
    cfg.launcher = args.launcher
    with ConfigErrors():
        merge_options(cfg, args.cfg_options)
    check_names(cfg, '--cfg-options')
    check_backbone_package((cfg.get('model') or {}).get('backbone') or {})
    for line in fit_loaders(cfg):
        say(line)
    if args.data_root is not None:
        changes = set_data_root(cfg, args.data_root)
        say('\n'.join(changes))
    work_dir = args.work_dir or cfg.get('work_dir')
    cfg.work_dir = work_dir or str(Path('work_dirs') / Path(args.config).stem)
    if Path(cfg.work_dir).exists() and not Path(cfg.work_dir).is_dir():
        raise InputError(f'--work-dir {cfg.work_dir} is a file, expected a folder')
    return cfg


def _read(path: str) -> Config:
    if not Path(path).is_file():
        new = new_config_file(Path(path).absolute().as_posix())
        hint = f'it is {new} now' if new else 'those of the package are in configs/'
        raise MissingFileError(f'config {path} does not exist; {hint}')
    try:
        with ConfigErrors():
            return Config.fromfile(path)
    except FileNotFoundError as error:
        new = new_config_file(str(error))
        hint = f'; it is {new} now' if new else ''
        raise MissingFileError(
            f'{path}, or a file in its _base_, names a file in _base_ that cannot be '
            f'read: {error}{hint}'
        ) from error
    except InputError as error:
        new = new_variable(error.__cause__)
        if new is None:
            raise
        raise InputError(f'{path}: {new}') from error


class TrainRunner(Runner):
    """Dumps the config into the work directory, and beside the log of each run.

    With ``ConsoleHook`` the console is quiet from the beginning.
    """

    quiet = True

    def build_logger(self, *args, **kwargs) -> MMLogger:
        """The logger of the run."""
        logger = super().build_logger(*args, **kwargs)
        if self.quiet and has_hook(self.cfg, ConsoleHook):
            quiet_console(logger)
        return logger

    def dump_config(self) -> None:
        """Writes the config as it is used; never over the file that was given."""
        given = self.cfg.filename
        name = Path(given).name if given else f'{self.timestamp}.py'
        self.cfg.dump(Path(self.log_dir) / name)
        self._dump_for_training(Path(self.work_dir) / name)

    def _dump_for_training(self, path: Path) -> None:
        given = self.cfg.filename
        if not (given and path.exists() and path.samefile(given)):
            self.cfg.dump(path)


class EvaluationRunner(TrainRunner):
    """Dumps the config beside its log alone: the work directory may be a training's."""

    quiet = False  # what a test finds is in its log

    def _dump_for_training(self, path: Path) -> None:
        pass


def build_runner(cfg: Config, kind: type[Runner]) -> Runner:
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
    runner = RUNNERS.build(cfg) if 'runner_type' in cfg else kind.from_cfg(cfg)
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
    with ConfigErrors():
        return cfg, EmbeddingNetwork(cfg, args.checkpoint)


def say(text: str) -> None:
    """Prints once, before there is a logger or a process group."""
    if os.environ.get('RANK', os.environ.get('SLURM_PROCID', '0')) == '0':
        print(text)
