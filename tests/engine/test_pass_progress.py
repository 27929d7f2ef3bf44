"""What a pass over images shows: a bar on a terminal, log lines elsewhere."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from mmseg_picie.engine.rounds import passes


@pytest.fixture
def shown(monkeypatch):
    """Runs a pass of 600 images in steps of 200 and 40 s: (console's text, log)."""

    def run(**console):
        file, log, seconds = io.StringIO(), [], iter(range(0, 999, 40))
        logger = SimpleNamespace(info=log.append)
        current = SimpleNamespace(get_current_instance=lambda: logger)
        monkeypatch.setattr(passes, 'MMLogger', current)
        monkeypatch.setattr(
            passes, 'time', SimpleNamespace(monotonic=lambda: next(seconds))
        )
        own = SimpleNamespace(get_console=lambda: Console(file=file, **console))
        monkeypatch.setattr(passes, 'rich', own)
        with passes.PassProgress('clustering', 600) as progress:
            for _ in range(3):
                progress.advance(200)
        return file.getvalue(), log

    return run


def test_without_a_terminal_a_pass_prints_nothing_and_logs_its_rate(shown):
    text, log = shown()
    assert text == ''
    assert log == [
        'clustering: 200/600 images, 5 images/s, 80 s left',
        'clustering: 400/600 images, 5 images/s, 40 s left',
        'clustering: 600/600 images, 5 images/s, 0 s left',
    ]


def test_on_a_terminal_a_pass_shows_a_bar_and_logs_nothing(shown):
    text, log = shown(force_terminal=True, width=100, _environ={'TERM': 'xterm'})
    assert 'clustering' in text and '600/600' in text
    assert not log


def test_processes_beside_the_first_show_no_bar(shown, monkeypatch):
    monkeypatch.setattr(passes, 'is_main_process', lambda: False)
    text, _ = shown(force_terminal=True, width=100, _environ={'TERM': 'xterm'})
    assert text == ''
