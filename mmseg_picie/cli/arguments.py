"""Arguments that commands share: mmseg's, and --data-root."""

import argparse

from mmengine.config import DictAction

from .parser import Parser

LAUNCHERS = ('none', 'pytorch', 'slurm', 'mpi')


def command_parser(description: str) -> argparse.ArgumentParser:
    """A parser whose help shows the description as it is written."""
    return Parser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """What a training and a test have in common."""
    parser.add_argument(
        '--work-dir', help='folder of logs, checkpoints and figures (work_dirs/CONFIG)'
    )
    add_config_changes(parser)
    parser.add_argument('--launcher', choices=LAUNCHERS, default='none')
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0)


def add_config_changes(parser: argparse.ArgumentParser) -> None:
    """--data-root and --cfg-options, alike in every command."""
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
    """CONFIG, CHECKPOINT and what changes a config, for ``load_network``."""
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
