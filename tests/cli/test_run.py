"""What is an error of the input, and what stays a traceback."""

import pytest
from mmengine.hooks import Hook
from mmengine.registry import build_from_cfg
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from torch.utils.data import DataLoader, Dataset

from mmseg_picie.cli.run import ConfigErrors, run
from mmseg_picie.errors import InputError


class BadImages(Dataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        raise InputError(f'image {index} is broken: replace it')


class Picky:
    """As a constructor of mmseg: an assertion without words, a KeyError."""

    def __init__(self, depth=1):
        assert depth != 2
        if depth == 3:
            raise KeyError('invalid depth 3')


def raise_(error):
    raise error


def code_and_error(capsys, error):
    code = run(raise_, error)
    return code, capsys.readouterr().err


def test_what_the_user_can_mend_is_one_line(capsys):
    assert code_and_error(capsys, InputError('K is 0')) == (2, 'error: K is 0\n')


def test_error_of_the_disk_is_one_line(capsys):
    code, text = code_and_error(capsys, PermissionError(13, 'Denied', '/data/x'))
    assert code == 2
    assert "'/data/x'" in text and 'Traceback' not in text


@pytest.mark.parametrize(
    'error', [ValueError('a bug'), KeyError('a bug'), OSError('a bug'), TypeError()]
)
def test_bug_keeps_its_traceback(error):
    with pytest.raises(type(error)):
        run(raise_, error)


def test_traceback_is_shown_where_it_is_asked_for(monkeypatch):
    monkeypatch.setenv('MMSEG_PICIE_TRACEBACK', '1')
    with pytest.raises(InputError):
        run(raise_, InputError('K is 0'))


def test_error_in_a_worker_is_its_message_alone(capsys):
    code = run(lambda _: list(DataLoader(BadImages(), num_workers=1)), None)
    assert code == 2
    text = capsys.readouterr().err
    assert text == 'error: image 0 is broken: replace it\n'


@pytest.mark.parametrize(
    'settings, words',
    [
        (dict(type=Picky, depth=2), 'AssertionError'),
        (dict(type=Picky, depth=3), 'KeyError: invalid depth 3'),
        (dict(type=Picky, width=2), "TypeError: .*'width'"),
        (dict(type='Pickyy'), 'Pickyy is not in the'),
    ],
)
def test_constructor_that_refuses_a_config_is_an_input_error(settings, words):
    with pytest.raises(InputError, match=words) as caught, ConfigErrors():
        build_from_cfg(settings, HOOKS)
    assert caught.value.__cause__ is not None


def test_setting_that_a_loader_lacks_is_an_input_error():
    for loader in (dict(batch_size=1, color='red'), dict(batch_size=0)):
        with pytest.raises(InputError, match='cannot be built'), ConfigErrors():
            Runner.build_dataloader(dict(dataset=[1], sampler=None, **loader))


def test_check_of_ours_keeps_its_words_while_building():
    with pytest.raises(InputError, match='^K is 0$'), ConfigErrors():
        raise_(InputError('K is 0'))


class BrokenHook(Hook):
    def before_train(self, runner):
        raise KeyError('a bug')


def test_bug_in_a_run_is_no_error_of_the_config(config):
    with pytest.raises(KeyError), ConfigErrors() as errors:
        runner = Runner.from_cfg(config())
        runner.register_hook(BrokenHook())
        errors.end_with_building(runner)
        runner.train()


def test_data_set_that_refuses_its_config_is_an_input_error(config):
    cfg = config()
    cfg.train_dataloader.dataset.colour = 'red'
    with pytest.raises(InputError, match='colour'), ConfigErrors() as errors:
        runner = Runner.from_cfg(cfg)
        errors.end_with_building(runner)
        runner.train()
