"""The command line as it is typed: help, exit codes, one line for what is wrong."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

import mmseg_picie_command

COMMANDS = list(mmseg_picie_command.main.commands)


def call(*arguments):
    return CliRunner().invoke(mmseg_picie_command.main, [str(a) for a in arguments])


@pytest.fixture
def images(tmp_path):
    (tmp_path / 'images').mkdir()
    picture = np.random.default_rng(0).integers(0, 255, (40, 56, 3)).astype('u1')
    cv2.imwrite(str(tmp_path / 'images' / '0.png'), picture)
    return tmp_path / 'images'


def test_commands_are_there():
    assert {'fit', 'name', 'teach', 'predict', 'export', 'evaluate', 'doctor'} <= set(
        COMMANDS
    )


@pytest.mark.parametrize('command', COMMANDS)
def test_help_has_an_example_that_can_be_typed(command):
    result = call(command, '--help')
    assert result.exit_code == 0
    assert 'Exit codes: 0 all done' in result.output
    example = result.output.split('Example:')[1].split('\n\n')[0]
    words = example.split()
    assert words[:2] == ['mmseg-picie', command]
    options = {
        name
        for parameter in mmseg_picie_command.main.commands[command].params
        for name in parameter.opts
    }
    typed = {word for word in words[2:] if word.startswith('--')}
    assert typed <= options


def test_help_imports_nothing_heavy():
    code = (
        'import sys, runpy\n'
        'sys.argv = ["mmseg-picie", "predict", "--help"]\n'
        'try:\n'
        '    runpy.run_module("mmseg_picie_command", run_name="__main__")\n'
        'except SystemExit as end:\n'
        '    assert not end.code\n'
        'heavy = {"torch", "mmengine", "mmseg", "cv2", "numpy", "mmseg_picie"}\n'
        'print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True
    )
    assert 'Write masks of images' in done.stdout
    assert done.stderr == '[]\n'


def test_predict_writes_and_ends_with_0_then_1_then_2(trained, images, tmp_path):
    options = ('--out', tmp_path / 'out', '--device', 'cpu')
    checkpoint = trained / 'epoch_1.pth'
    result = call('predict', checkpoint, images, *options)
    assert result.exit_code == 0
    assert (tmp_path / 'out' / 'masks' / '0.png').is_file()
    assert '1 images written' in result.output
    (images / 'broken.png').write_bytes(b'no image')
    result = call('predict', checkpoint, images, *options)
    assert result.exit_code == 1
    assert 'broken.png: ' in result.stderr
    result = call('predict', checkpoint, images, *options, '--tile', 64)
    assert result.exit_code == 2
    assert result.stderr.startswith('error: ') and 'other tiles' in result.stderr
    assert len(result.stderr.splitlines()) == 1
    result = call('predict', '--quiet', checkpoint, images, *options)
    assert result.exit_code == 1
    assert result.stdout == ''
    # What is wrong is said also to those who want little.
    assert 'broken.png: ' in result.stderr


@pytest.mark.parametrize('given, expected', [(None, 'passive'), ('active', 'active')])
def test_threads_wait_without_spinning_unless_told(monkeypatch, given, expected):
    monkeypatch.setenv('OMP_WAIT_POLICY', given or '')
    if given is None:
        monkeypatch.delenv('OMP_WAIT_POLICY')
    call('doctor')
    assert os.environ['OMP_WAIT_POLICY'] == expected


@pytest.mark.parametrize(
    'arguments, words',
    [
        (('predict', 'a.pth'), "Missing argument 'IMAGES'"),
        (('predict', 'a.pth', 'images'), "Missing option '--out'"),
        (('predict', 'a.pth', 'images', '--out', 'x', '--titel', '64'), '--tile'),
        (('export', 'a.pth', '--to', 'tensorrt', '--out', 'x'), 'mmseg'),
        (('predicted', 'a.pth'), 'predicted'),
    ],
)
def test_what_is_typed_wrong_is_said(arguments, words):
    result = call(*arguments)
    assert result.exit_code == 2
    assert words in result.output
