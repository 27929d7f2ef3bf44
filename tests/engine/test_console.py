"""A quiet console: told lines, warnings and errors; the file has everything."""

import io

import pytest
from mmengine.logging import MMLogger
from rich.console import Console
from rich.progress import Progress

from mmseg_picie.engine import console
from mmseg_picie.engine.console import (
    bars_paused,
    end_bars,
    quiet_console,
    start_bar,
    tell,
)


@pytest.fixture
def make_log(tmp_path, request):
    """Makes a logger with a file, and a function that reads the file.

    Made by the test itself, so that its console is the one that capsys reads.
    """

    def make():
        file = tmp_path / 'run.log'
        name = request.node.name
        return MMLogger.get_instance(name, log_file=str(file)), file.read_text

    return make


def test_console_has_told_lines_warnings_and_errors(make_log, capsys):
    logger, text = make_log()
    quiet_console(logger)
    quiet_console(logger)  # as a hook does after a runner
    logger.info('380 lines of config')
    tell('round 1 of 2', logger)
    logger.warning('few images')
    logger.error('no room')
    out = capsys.readouterr().out.splitlines()
    assert out[0] == 'round 1 of 2'
    assert 'WARNING' in out[1] and out[1].endswith('few images')
    assert 'ERROR' in out[2] and out[2].endswith('no room')
    assert len(out) == 3
    for line in ('380 lines of config', 'round 1 of 2', 'few images', 'no room'):
        assert text().count(line) == 1


def test_told_lines_may_go_elsewhere(make_log, capsys):
    logger, text = make_log()
    said = []
    quiet_console(logger, said.append)
    quiet_console(logger)
    tell('round 1 of 2')  # the latest logger
    assert said == ['round 1 of 2']
    assert capsys.readouterr().out == ''
    assert 'round 1 of 2' in text()


def test_a_console_that_is_not_quiet_has_told_lines_too(make_log, capsys):
    tell('round 1 of 2', make_log()[0])
    assert 'INFO' in capsys.readouterr().out


def bar(file):
    own = Console(file=file, force_terminal=True, width=60, _environ={'TERM': 'xterm'})
    progress = Progress(console=own, transient=True, auto_refresh=False)
    progress.add_task('steps', total=2)
    return progress


def test_a_line_is_printed_while_no_bar_is_drawn():
    progress = bar(io.StringIO())
    start_bar(progress)
    with bars_paused():
        assert not progress.live.is_started
    assert progress.live.is_started
    end_bars()
    assert not progress.live.is_started


def test_bars_end_once_and_show_the_cursor_again():
    file = io.StringIO()
    progress = bar(file)
    start_bar(progress)
    end_bars()
    end_bars()
    assert file.getvalue().count('\x1b[?25h') == file.getvalue().count('\x1b[?25l') == 1


def test_no_bars_for_who_wants_it_quiet(monkeypatch):
    own = Console(file=io.StringIO(), force_terminal=True, _environ={'TERM': 'xterm'})
    monkeypatch.setattr(console, 'bar_console', lambda: own)
    console.show_bars(False)
    own.print('a bar')
    assert own.file.getvalue() == ''
    console.show_bars(True)
    own.print('a bar')
    assert 'a bar' in own.file.getvalue()
