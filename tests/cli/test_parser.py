"""Suggestions for misspelt options of the command line."""

import pytest

from mmseg_picie.cli import choose_k, linear_probe, make_train_parser, retrieve
from mmseg_picie.cli.parser import Parser


def error_of(parser, argv, capsys) -> str:
    with pytest.raises(SystemExit) as caught:
        parser.parse_args(argv)
    assert caught.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ('parser', 'argv', 'given', 'meant'),
    [
        (choose_k.make_parser, ['c.py', '--clustres', '3'], '--clustres', '--clusters'),
        (
            make_train_parser,
            ['c.py', '--cfg-option=x=1', '--sede', '3'],
            '--sede',
            '--seed',
        ),
        (make_train_parser, ['c.py', '--workdir=x'], '--workdir', '--work-dir'),
    ],
)
def test_nearest_option_is_named(parser, argv, given, meant, capsys):
    assert f'{given}: did you mean {meant}?' in error_of(parser(), argv, capsys)


def test_options_like_none_and_right_ones_bring_no_suggestion(capsys):
    argv = ['c.py', '--seed', '1', '--qqqqqq', '--resum']
    assert 'did you mean' not in error_of(make_train_parser(), argv, capsys)
    assert 'did you mean' not in error_of(make_train_parser(), ['--seed', 'x'], capsys)


def test_options_of_commands_are_known(capsys):
    parser = Parser()
    commands = parser.add_subparsers()
    commands.add_parser('views').add_argument('--images')
    text = error_of(parser, ['views', '--images', '3', '--imges', '4'], capsys)
    assert text.strip().endswith('--imges: did you mean --images?')


def test_parsers_of_the_tools_are_of_this_kind():
    for module in (choose_k, linear_probe, retrieve):
        assert isinstance(module.make_parser(), Parser)
