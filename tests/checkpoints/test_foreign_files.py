"""Files of other projects give their tensors; nothing else of them runs."""

import os
import sys
import types

import numpy as np
import pytest
import torch

from mmseg_picie.checkpoints.foreign_files import _stand_ins, read_foreign_state
from mmseg_picie.errors import InputError, MissingFileError


def make_folder(path):
    os.mkdir(path)


class Runs:
    """Makes a folder when it is loaded without care."""

    def __init__(self, path, function=make_folder):
        self.call = function, (str(path),)

    def __reduce__(self):
        return self.call


def a_class(module, name, monkeypatch, base=object):
    """A class of a package that is not here, as pickle sees it."""
    kind = type(name, (base,), {'__module__': module})
    found = types.ModuleType(module)
    setattr(found, name, kind)
    monkeypatch.setitem(sys.modules, module, found)
    return kind


def test_settings_of_packages_that_are_not_here_are_passed_over(tmp_path, monkeypatch):
    kind = a_class('absent_omegaconf', 'DictConfig', monkeypatch)
    settings = kind()
    settings.dim = 70
    attributes = a_class('absent_lightning', 'AttributeDict', monkeypatch, dict)
    file = tmp_path / 'stego.ckpt'
    state = {'net.weight': torch.arange(3)}
    torch.save(
        dict(hyper_parameters=attributes(cfg=settings, n=2), state_dict=state), file
    )
    monkeypatch.undo()
    assert torch.equal(read_foreign_state(file)['net.weight'], torch.arange(3))


def test_what_safe_load_knows_has_no_stand_in(tmp_path):
    file = tmp_path / 'with_numbers.pth'
    extra = dict(array=np.arange(3.0), number=np.float64(2), kind=np.dtype('i8'))
    torch.save(dict(state_dict=dict(a=torch.ones(1)), **extra), file)
    assert _stand_ins(file) == []
    assert list(read_foreign_state(file)) == ['a']


def test_nothing_of_a_file_runs(tmp_path):
    file, made = tmp_path / 'bad.pth', tmp_path / 'made'
    torch.save(dict(state_dict=dict(a=torch.ones(1)), extra=Runs(made)), file)
    assert list(read_foreign_state(file)) == ['a']
    assert not made.exists()
    torch.load(file, weights_only=False)  # what the test is about
    assert made.exists()


def test_a_file_that_calls_the_system_is_refused(tmp_path):
    file, made = tmp_path / 'bad.pth', tmp_path / 'made'
    torch.save(dict(a=torch.ones(1), extra=Runs(made, os.mkdir)), file)
    with pytest.raises(InputError, match='holds objects other than weights'):
        read_foreign_state(file)
    assert not made.exists()


def test_what_is_evaluated_comes_first(tmp_path):
    file = tmp_path / 'dino.pth'
    student, teacher = dict(a=torch.zeros(1)), dict(a=torch.ones(1), epoch=3)
    torch.save(dict(student=student, teacher=teacher), file)
    assert read_foreign_state(file) == dict(a=torch.ones(1))


@pytest.mark.parametrize('held', [dict(epoch=3), [torch.ones(1)]])
def test_files_without_a_network_are_refused(held, tmp_path):
    file = tmp_path / 'none.pth'
    torch.save(held, file)
    with pytest.raises(InputError, match='holds no tensors by name of a network'):
        read_foreign_state(file)


def test_files_that_are_damaged_or_missing_are_refused(tmp_path):
    file = tmp_path / 'cut.pth'
    with pytest.raises(MissingFileError, match='does not exist'):
        read_foreign_state(file)
    torch.save(dict(a=torch.ones(1000)), file)
    file.write_bytes(file.read_bytes()[:900])
    with pytest.raises(InputError, match='damaged'):
        read_foreign_state(file)


def test_old_files_are_read_too(tmp_path):
    file = tmp_path / 'old.pth.tar'
    state = dict(a=torch.ones(2))
    torch.save(
        dict(state_dict=state, epoch=1), file, _use_new_zipfile_serialization=False
    )
    assert torch.equal(read_foreign_state(file)['a'], torch.ones(2))
