"""The group of the commands, and what they share."""

import importlib
import os
import sys
from typing import Any

import click

EXIT_CODES = """
Exit codes: 0 all done; 1 done, but something was left out, which is listed; 2 what was
given cannot be used, one line says why; 130 stopped by Ctrl-C. A traceback is a bug.
"""
SETTINGS = dict(
    help_option_names=['-h', '--help'], max_content_width=100, show_default=True
)


class Commands(click.Group):
    """A group that lists its commands in the order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Commands as they were added."""
        return list(self.commands)


@click.group(cls=Commands, context_settings=SETTINGS, epilog=EXIT_CODES)
@click.version_option(package_name='mmseg_picie')
def main() -> None:
    """Unsupervised segmentation: a folder of images in, named masks out.

    \b
    mmseg-picie fit IMAGES                       find 100 clusters of pixels
    mmseg-picie name RUN --set 3=nucleus ...     say what they are
    mmseg-picie predict NAMED.pth IMAGES         masks of these or other images
    """


def call(module: str, **options: Any) -> None:
    """Runs a command of the package; its result is the exit code."""
    # Threads that wait must not spin: beside another program on the same cores,
    # predictions took six times as long. Read when torch is loaded.
    os.environ.setdefault('OMP_WAIT_POLICY', 'passive')
    run = importlib.import_module('mmseg_picie.cli').run_command
    command = getattr(importlib.import_module(f'mmseg_picie.cli.{module}'), module)
    sys.exit(run(command, **options))


def flag(name: str, text: str):
    """An option without a value."""
    return click.option(name, is_flag=True, help=text)


def command(example: str):
    """A command with an example at the end of its help, and --quiet."""

    def decorate(function):
        function = click.option(
            '-q', '--quiet', is_flag=True, help='Print results and errors alone.'
        )(function)
        epilog = f'\b\nExample:\n  {example}\n{EXIT_CODES}'
        return main.command(epilog=epilog, context_settings=SETTINGS)(function)

    return decorate


json_option = click.option(
    '--json', 'as_json', is_flag=True, help='Print the figures as JSON.'
)
refine_option = click.option(
    '--refine',
    type=click.Choice(['pamr', 'guided', 'crf', 'none']),
    help='Let masks follow the edges of the image.  [default: as the checkpoint says]',
)
device_option = click.option(
    '--device', help="'cpu', 'cuda', 'cuda:1'; by default a GPU where there is one."
)
