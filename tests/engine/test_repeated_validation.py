"""A run that was killed in a validation repeats it first when it goes on."""

import json

import pytest
from mmengine.runner import ValLoop
from small_run import assert_same, load, run, state

from mmseg_picie.cli import train
from mmseg_picie.engine.hooks import label_free_scores_hook

BEST = dict(checkpoint=dict(save_best='mIoU', rule='greater'))
FREE = dict(
    checkpoint=dict(save_best='label_free/view_agreement', rule='greater'),
    label_free=dict(type='LabelFreeScoresHook', num_images=4, points_per_image=30),
)


class Killed(BaseException):
    pass


@pytest.fixture
def killed_in_validation(monkeypatch):
    """Runs a config up to the middle of a validation, counted from 1."""

    def kill(cfg, number):
        iterate, loops = ValLoop.run_iter, []

        def run_iter(self, idx, data_batch):
            loops.extend([self] * (idx == 0))
            if len(loops) == number and idx == 1:
                raise Killed
            iterate(self, idx, data_batch)

        with monkeypatch.context() as patch:
            patch.setattr(ValLoop, 'run_iter', run_iter)
            with pytest.raises(Killed):
                run(cfg)

    return kill


@pytest.fixture
def validations(monkeypatch):
    """Rounds that validations began after, in order."""
    begun, validate = [], ValLoop.run

    def run_loop(self):
        begun.append(self.runner.epoch)
        return validate(self)

    monkeypatch.setattr(ValLoop, 'run', run_loop)
    return begun


def best_of(folder):
    return {path.name for path in folder.glob('best_*.pth')}


def scores_of(folder):
    """What is in the last checkpoint on the best."""
    info = load(folder / 'epoch_2.pth')['message_hub']['runtime_info']
    return info.get('best_score')


@pytest.mark.parametrize('killed_in', [1, 2])
@pytest.mark.parametrize('hooks', [BEST, FREE])
def test_figures_and_best_are_those_of_the_uninterrupted_run(
    config, tmp_path, killed_in_validation, validations, killed_in, hooks
):
    run(config('whole', rounds=2, default_hooks=hooks))
    killed_in_validation(config('run', rounds=2, default_hooks=hooks), killed_in)
    validations.clear()
    run(config('run', rounds=2, resume=True, default_hooks=hooks))
    assert validations == [1, 2][killed_in - 1 :]
    whole, rest = tmp_path / 'whole', tmp_path / 'run'
    assert best_of(rest) == best_of(whole)
    assert scores_of(rest) == scores_of(whole)
    assert_same(state(rest, 2), state(whole, 2))


def test_a_validation_that_is_over_is_not_repeated(config, validations):
    run(config(rounds=1))
    run(config(rounds=2, resume=True))
    assert validations == [1, 2]


def test_round_that_is_written_anew_is_validated_anew(config, tmp_path, validations):
    run(config(rounds=2))
    record = tmp_path / 'run' / 'checkpoints.json'
    assert json.loads(record.read_text())['validated'] == 'epoch_2.pth'
    first = str(tmp_path / 'run' / 'epoch_1.pth')
    (tmp_path / 'run' / 'epoch_2.pth').unlink()
    run(config(rounds=2, resume=True, load_from=first))
    # Of round 1 the record says nothing any more, so it is repeated.
    assert validations == [1, 2, 1, 2]


def test_rounds_without_a_validation_are_due_none(config, validations):
    interval = dict(train_cfg=dict(val_interval=2))
    run(config(rounds=1, train_cfg=dict(val_begin=2)))
    run(config(rounds=2, resume=True, **interval))
    assert validations == [2]


def test_command_repeats_the_last_one_of_a_run_whose_rounds_are_done(
    config, tmp_path, killed_in_validation, validations, capfd
):
    cfg = config(rounds=1, default_hooks=BEST)
    killed_in_validation(cfg, 1)
    validations.clear()
    folder = tmp_path / 'run'
    assert best_of(folder) == set()
    file = tmp_path / 'config.py'
    cfg.dump(file)
    argv = [str(file), '--work-dir', str(folder), '--resume', '--cfg-options']
    assert train.main([*argv, 'experiment_name=again']) == 0
    assert 'the validation of the last one is due' in capfd.readouterr().out
    assert validations == [1]
    assert best_of(folder) == {'best_mIoU_epoch_1.pth'}
    assert train.main([*argv, 'experiment_name=third']) == 0
    assert '1 of 1 rounds are done' in capfd.readouterr().out
    assert validations == [1]


def test_scores_without_labels_come_from_the_checkpoint(config, tmp_path):
    run(config(rounds=1, default_hooks=FREE))
    stored = load(tmp_path / 'run' / 'epoch_1.pth')
    scores = stored[label_free_scores_hook.PREFIX]['scores']
    assert scores['label_free/view_agreement'] is not None
