"""CheckpointHook: what a run removes, and what it must not."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from mmengine.runner import Runner
from small_run import run

from mmseg_picie.compat import safe_load
from mmseg_picie.engine import CheckpointHook

BEST = dict(checkpoint=dict(save_best='mIoU', rule='greater'))


def change(path, **info):
    """Writes other paths into a checkpoint; any next round is a better one."""
    checkpoint = safe_load(path)
    checkpoint['message_hub']['runtime_info'].update(best_score=-1.0, **info)
    torch.save(checkpoint, path)


def go_on(config, name, file, **options):
    """Trains one more round from a checkpoint."""
    options = {'default_hooks': BEST, **options}
    return run(config(name, rounds=2, resume=True, load_from=str(file), **options))


@pytest.fixture
def first(config, tmp_path):
    run(config('first', default_hooks=BEST))
    return tmp_path / 'first'


def test_hook_takes_the_place_of_mmengines(config):
    runner = Runner.from_cfg(config())
    assert any(isinstance(hook, CheckpointHook) for hook in runner.hooks)


def test_former_best_of_the_run_is_removed(config, first):
    change(first / 'epoch_1.pth')
    go_on(config, 'first', first / 'epoch_1.pth')
    assert not (first / 'best_mIoU_epoch_1.pth').exists()
    assert (first / 'best_mIoU_epoch_2.pth').is_file()


def test_better_round_of_one_run_removes_the_former_best(config, tmp_path):
    hooks = dict(checkpoint=dict(save_best='label_free/view_agreement'))
    hooks['checkpoint']['rule'] = 'less'  # rounds differ, so some round is better
    hooks['label_free'] = dict(type='LabelFreeScoresHook')
    run(config(rounds=4, default_hooks=hooks))
    assert len(list((tmp_path / 'run').glob('best_*.pth'))) == 1


@pytest.mark.parametrize('kind', ['folder', 'file', 'dots', 'link', 'stranger'])
def test_stored_path_removes_nothing_that_is_not_the_runs(
    config, first, tmp_path, kind
):
    precious = tmp_path / 'precious'
    precious.mkdir()
    (precious / 'data.txt').write_text('years of work')
    best = {
        'folder': precious,
        'file': precious / 'data.txt',
        'dots': f'{first}/../precious/data.txt',
        'link': first / 'best_mIoU_epoch_1.pth',
        'stranger': first / 'best_of_mine.pth',
    }[kind]
    if kind == 'link':
        best.unlink()
        best.symlink_to(precious / 'data.txt')
    if kind == 'stranger':
        best.write_text('not of this run')
    change(first / 'epoch_1.pth', best_ckpt=str(best))
    go_on(config, 'first', first / 'epoch_1.pth')
    assert (precious / 'data.txt').read_text() == 'years of work'
    assert Path(best).exists()
    assert (first / 'best_mIoU_epoch_2.pth').is_file()


def test_run_in_another_folder_keeps_the_best_of_the_first(config, first, tmp_path):
    change(first / 'epoch_1.pth')
    go_on(config, 'second', first / 'epoch_1.pth')
    assert (first / 'best_mIoU_epoch_1.pth').is_file()
    assert (tmp_path / 'second' / 'best_mIoU_epoch_2.pth').is_file()


def test_new_run_in_a_used_folder_removes_nothing(config, first):
    before = (first / 'best_mIoU_epoch_1.pth').read_bytes()
    shutil.copy(first / 'best_mIoU_epoch_1.pth', first / 'best_mIoU_epoch_9.pth')
    run(config('first', rounds=2, default_hooks=BEST))
    assert (first / 'best_mIoU_epoch_9.pth').read_bytes() == before


def test_old_rounds_of_the_run_are_removed_and_nothing_else(config, tmp_path):
    hooks = dict(checkpoint=dict(max_keep_ckpts=1))
    run(config('kept', rounds=2, default_hooks=hooks))
    folder = tmp_path / 'kept'
    assert [path.name for path in folder.glob('epoch_*.pth')] == ['epoch_2.pth']
    (folder / 'epoch_7.pth').write_text('of the user')
    (folder / 'epoch_').mkdir()
    outside = tmp_path / 'outside.pth'
    outside.write_text('of the user')
    steps = [7, '/../../outside', 2]
    change(folder / 'epoch_2.pth', keep_ckpt_ids=steps)
    file = folder / 'epoch_2.pth'
    options = dict(rounds=3, resume=True, load_from=str(file), default_hooks=hooks)
    run(config('kept', **options))
    assert outside.is_file() and (folder / 'epoch_7.pth').is_file()
    names = {path.name for path in folder.glob('epoch_*.pth')}
    assert names == {'epoch_3.pth', 'epoch_7.pth'}
    record = json.loads((folder / 'checkpoints.json').read_text())
    assert 'epoch_3.pth' in record['written']
