"""What a pass over images shows: a bar on a terminal, lines elsewhere."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from mmseg_picie.engine.rounds import pass_progress


@pytest.fixture
def shown(monkeypatch):
    """Runs a pass of 600 images in steps of 200 and 80 s: (console's text, lines)."""

    def run(done=0, **console):
        file, lines, seconds = io.StringIO(), [], iter(range(0, 999, 80))
        own = Console(file=file, **console)
        monkeypatch.setattr(pass_progress, 'tell', lines.append)
        monkeypatch.setattr(pass_progress, 'bar_console', lambda: own)
        monkeypatch.setattr(
            pass_progress, 'time', SimpleNamespace(monotonic=lambda: next(seconds))
        )
        with pass_progress.PassProgress('clustering', 600, done=done) as progress:
            for _ in range((600 - done) // 200):
                progress.advance(200)
        return file.getvalue(), lines

    return run


def test_without_a_terminal_a_pass_draws_nothing_and_tells_its_rate(shown):
    text, lines = shown()
    assert text == ''
    assert lines == [
        'clustering: 200/600 images, 2.5 images/s, 160 s left',
        'clustering: 400/600 images, 2.5 images/s, 80 s left',
        'clustering: 600/600 images, 2.5 images/s, 0 s left',
    ]


def test_what_was_done_before_is_not_in_the_rate(shown):
    _, lines = shown(done=200)
    assert lines[0] == 'clustering: 400/600 images, 2.5 images/s, 80 s left'


def test_on_a_terminal_a_pass_shows_a_bar_and_tells_nothing(shown):
    text, lines = shown(force_terminal=True, width=100, _environ={'TERM': 'xterm'})
    assert 'clustering' in text and '600/600' in text
    assert not lines


def test_processes_beside_the_first_show_no_bar(shown, monkeypatch):
    monkeypatch.setattr(pass_progress, 'is_main_process', lambda: False)
    text, _ = shown(force_terminal=True, width=100, _environ={'TERM': 'xterm'})
    assert text == ''
