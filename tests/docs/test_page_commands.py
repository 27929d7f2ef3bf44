"""Every command on the pages is one that the programs take."""

import argparse
import itertools
import re
import runpy
import shlex
import sys

import click
import pytest
from mmengine.config import Config
from page_blocks import PAGES, ROOT, blocks

from mmseg_picie.cli.config_checks import check_options
from mmseg_picie_command import main

# Names in capitals and variables of the shell stand for what a reader has.
PLACEHOLDER = re.compile(r'[A-Z][A-Z_]*')
VARIABLE = re.compile(r'\$\w+')
END = re.compile(r'[|&;]+|>>?')
INLINE = re.compile(r'`(mmseg-picie [^`]+)`')


def words_of(line: str) -> list[str]:
    """The words of a line of the shell up to a pipe, without what marks an option."""
    words = shlex.split(line, comments=True)
    words = itertools.takewhile(lambda word: not END.fullmatch(word), words)
    stripped = (word.strip('[]') for word in words)
    return [word for word in stripped if word != '...']


def calls_of(program: str) -> list:
    """The words of each command of a program in the blocks of pages, as parameters."""
    found = []
    for page in PAGES:
        text = '\n'.join(blocks(page, 'bash') + blocks(page, ''))
        for line in text.replace('\\\n', ' ').splitlines():
            if line.startswith(f'{program} '):
                words = words_of(line)
                name = f'{page.stem}-{" ".join(words[1:4])}'
                found.append(pytest.param(words[1:], id=name))
    return found


COMMANDS = calls_of('mmseg-picie')
TOOLS = [call for call in calls_of('python') if call.values[0][0].startswith('tools/')]


def test_pages_have_commands():
    assert len(COMMANDS) > 20
    assert len(TOOLS) > 20


@pytest.mark.parametrize('words', COMMANDS)
def test_command_line_takes_a_command(words):
    name, *arguments = words
    # Parses, checks types and calls nothing.
    context = main.commands[name].make_context(name, arguments)
    assert isinstance(context, click.Context)


@pytest.mark.parametrize('arguments', [['--no-such'], ['--minutes', 'ten', 'IMAGES']])
def test_a_wrong_command_is_noticed(arguments):
    with pytest.raises(click.UsageError):
        main.commands['fit'].make_context('fit', arguments)


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_commands_in_a_sentence_have_their_options(page):
    for text in INLINE.findall(page.read_text()):
        words = words_of(text)[1:]
        if words[0] in ('COMMAND', '--help'):
            continue
        command = main.commands[words[0]]
        known = {name for option in command.params for name in option.opts}
        given = {word for word in words if word.startswith('--')}
        assert given <= known | {'--help'}, text


class Parsed(Exception):
    """What a tool has understood."""


def parse(words: list[str], monkeypatch) -> argparse.Namespace:
    """What a tool understands of its arguments; it stops before it does anything."""
    original = argparse.ArgumentParser.parse_args

    def parse_args(self, args=None, namespace=None):
        raise Parsed(original(self, args, namespace))

    monkeypatch.setattr(argparse.ArgumentParser, 'parse_args', parse_args)
    monkeypatch.syspath_prepend(str((ROOT / words[0]).parent))
    values = [VARIABLE.sub('a.b=1', word) for word in words[1:]]
    values = ['a.b=1' if word == 'OPTIONS' else word for word in values]
    values = ['1' if PLACEHOLDER.fullmatch(word) else word for word in values]
    monkeypatch.setattr(sys, 'argv', [words[0], *values])
    with pytest.raises(Parsed) as understood:
        runpy.run_path(str(ROOT / words[0]), run_name='__main__')
    return understood.value.args[0]


@pytest.mark.parametrize('words', TOOLS)
def test_tool_takes_a_command(words, monkeypatch):
    monkeypatch.chdir(ROOT)
    parsed = vars(parse(words, monkeypatch))
    config, options = parsed.get('config'), parsed.get('cfg_options')
    if config and config.startswith('configs/'):
        cfg = Config.fromfile(config)  # it exists
        options = {k: v for k, v in (options or {}).items() if k != 'a.b'}
        check_options(cfg, options)  # and has what the options change
