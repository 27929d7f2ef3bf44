"""The command of the page, and that fit writes it."""

import importlib
import webbrowser
from pathlib import Path
from types import SimpleNamespace

import pytest

from mmseg_picie.cli.report import report
from mmseg_picie.errors import MissingFileError


@pytest.fixture
def opened(monkeypatch):
    found = []
    monkeypatch.setattr(webbrowser, 'open', lambda url: found.append(url) or True)
    return found


def test_report_says_where_the_page_is_and_opens_it(
    trained, camvid_root, opened, tmp_path
):
    checkpoint = tmp_path / 'a run.pth'
    checkpoint.write_bytes((trained / 'epoch_1.pth').read_bytes())
    lines = []
    options = dict(images=camvid_root / 'img', device='cpu')
    report(checkpoint, lines.append, **options)
    page = tmp_path / 'report.html'
    assert page.is_file() and opened == []
    assert any(str(page) in line for line in lines)
    report(checkpoint, lines.append, open_page=True, **options)
    assert opened == [page.resolve().as_uri()]


def test_a_run_that_is_not_there_is_said(tmp_path):
    with pytest.raises(MissingFileError, match='does not exist'):
        report(tmp_path / 'nowhere', lambda line: None)


def test_fit_ends_with_the_page(monkeypatch, tmp_path):
    module = importlib.import_module('mmseg_picie.cli.fit')
    calls = []
    plan = SimpleNamespace(out=tmp_path)

    def run_fit(plan, say):
        calls.append('fit')
        return Path(plan.out) / 'clusters.pth'

    monkeypatch.setattr(module, 'make_plan', lambda **options: plan)
    monkeypatch.setattr(module, 'describe_plan', lambda plan: [])
    monkeypatch.setattr(module, 'run_fit', run_fit)
    monkeypatch.setattr(
        module, 'write_report', lambda run, say: calls.append(('page', run))
    )
    lines = []
    module.fit(lines.append)
    assert calls == ['fit', ('page', tmp_path)]
    files = lines[lines.index(f'{tmp_path}:') + 1 :]
    assert files[0].split()[0] == 'report.html'
