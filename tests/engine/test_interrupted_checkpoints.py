"""Saving a checkpoint that ends midway: what was there before is whole."""

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from mmengine.fileio import LocalBackend
from small_run import run

from mmseg_picie.compat import safe_load
from mmseg_picie.engine.hooks import checkpoint_hook
from mmseg_picie.files import save_whole

ONE = dict(checkpoint=dict(max_keep_ckpts=1))
BEST = dict(checkpoint=dict(max_keep_ckpts=1, save_best='mIoU', rule='less'))


def end_midway(monkeypatch, file, end, times=0):
    """Half of ``file`` is written, then ``end()``; earlier ``times`` it is whole."""
    put, seen = LocalBackend.put, []

    def broken(self, content, path):
        if Path(path).name.startswith(file):
            seen.append(path)
            if len(seen) > times:
                Path(path).write_bytes(content[: len(content) // 2])
                end()
        put(self, content, path)

    monkeypatch.setattr(LocalBackend, 'put', broken)


def disk_is_full():
    raise OSError(28, 'No space left on device')


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir() if 'pth' in path.name}


def go_on(config, folder, hooks, rounds):
    """Resumes."""
    run(config(folder.name, rounds=rounds, default_hooks=hooks, resume=True))


def test_link_in_place_of_a_draft_is_not_written_through(config, tmp_path):
    (tmp_path / 'run').mkdir()
    precious = tmp_path / 'precious.txt'
    precious.write_text('years of work')
    (tmp_path / 'run' / 'epoch_1.pth.part').symlink_to(precious)
    run(config(default_hooks=ONE))
    assert precious.read_text() == 'years of work'
    assert names(tmp_path / 'run') == {'epoch_1.pth'}


def test_full_disk_leaves_the_last_checkpoint_whole(config, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        end_midway(patch, 'epoch_2.pth', disk_is_full)
        with pytest.raises(OSError, match='No space left'):
            run(config(rounds=2, default_hooks=ONE))
    folder = tmp_path / 'run'
    assert names(folder) == {'epoch_1.pth'}
    assert safe_load(folder / 'epoch_1.pth')['meta']['epoch'] == 1
    go_on(config, folder, ONE, rounds=2)
    assert names(folder) == {'epoch_2.pth'}
    assert safe_load(folder / 'epoch_2.pth')['meta']['epoch'] == 2


def train_until_killed(config, monkeypatch):
    end_midway(monkeypatch, 'epoch_2.pth', kill)
    run(config(rounds=2, default_hooks=ONE))


def test_killed_run_goes_on_from_the_last_checkpoint(config, tmp_path, monkeypatch):
    process = multiprocessing.get_context('fork').Process(
        target=train_until_killed, args=(config, monkeypatch)
    )
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    folder = tmp_path / 'run'
    assert names(folder) == {'epoch_1.pth', 'epoch_2.pth.part'}
    (folder / 'mine.pth.part').write_text('of the user')
    go_on(config, folder, ONE, rounds=2)
    assert names(folder) == {'epoch_2.pth', 'mine.pth.part'}
    assert safe_load(folder / 'epoch_2.pth')['meta']['epoch'] == 2


@pytest.fixture
def better_in_round_2(monkeypatch):
    """The second validation gives a better (lower) score than the first."""
    scores = iter([2.0, 1.0, 0.5])
    evaluate = checkpoint_hook.CheckpointHook.after_val_epoch

    def after_val_epoch(self, runner, metrics):
        evaluate(self, runner, dict(metrics, mIoU=next(scores)))

    monkeypatch.setattr(
        checkpoint_hook.CheckpointHook, 'after_val_epoch', after_val_epoch
    )


@pytest.mark.parametrize(
    ('file', 'times', 'left'),
    [
        # The new best breaks: the last is that of the round, the old best is there.
        ('best_mIoU_epoch_2', 0, {'epoch_2.pth', 'best_mIoU_epoch_1.pth'}),
        # The last is written once more, to name the new best, and breaks.
        (
            'epoch_2.pth',
            1,
            {'epoch_2.pth', 'best_mIoU_epoch_1.pth', 'best_mIoU_epoch_2.pth'},
        ),
    ],
)
def test_new_best_that_breaks_leaves_the_old_one(
    config, tmp_path, monkeypatch, better_in_round_2, file, times, left
):
    end_midway(monkeypatch, file, disk_is_full, times)
    with pytest.raises(OSError, match='No space left'):
        run(config(rounds=2, default_hooks=BEST))
    folder = tmp_path / 'run'
    assert names(folder) == left
    for name in left:
        assert safe_load(folder / name)['state_dict']
    # What the last checkpoint calls the best is there.
    info = safe_load(folder / 'epoch_2.pth')['message_hub']['runtime_info']
    assert Path(info['best_ckpt']).name == 'best_mIoU_epoch_1.pth'


def test_old_ones_are_removed_after_the_new_ones_are_whole(
    config, tmp_path, monkeypatch, better_in_round_2
):
    put_whole, there = checkpoint_hook.put_whole, []

    def put(draft, path):
        before = names(path.parent)
        put_whole(draft, path)
        there.append((path.name, before - {draft.name}))

    monkeypatch.setattr(checkpoint_hook, 'put_whole', put)
    run(config(rounds=3, default_hooks=BEST))
    one, best = 'epoch_{}.pth'.format, 'best_mIoU_epoch_{}.pth'.format
    assert there[:3] == [
        (one(1), set()),
        (best(1), {one(1)}),
        (one(1), {one(1), best(1)}),
    ]
    assert there[3:6] == [
        (one(2), {one(1), best(1)}),
        (best(2), {one(2), best(1)}),
        (one(2), {one(2), best(1), best(2)}),
    ]
    folder = tmp_path / 'run'
    assert names(folder) == {one(3), best(3)}
    recorded = json.loads((folder / 'checkpoints.json').read_text())
    written = {name(n) for name in (one, best) for n in (1, 2, 3)}
    assert set(recorded['written']) == written
    assert recorded['validated'] == one(3)
    assert (folder / 'last_checkpoint').read_text() == one(3)


def test_best_of_the_same_round_again_is_kept(config, tmp_path, better_in_round_2):
    run(config(rounds=1, default_hooks=BEST))
    folder = tmp_path / 'run'
    path = folder / 'epoch_1.pth'
    (folder / 'best_mIoU_epoch_1.pth').rename(folder / 'best_mIoU_epoch_2.pth')
    recorded = folder / 'checkpoints.json'
    written = json.loads(recorded.read_text())
    written['written'].append('best_mIoU_epoch_2.pth')
    recorded.write_text(json.dumps(written))
    stored = safe_load(path)
    info = stored['message_hub']['runtime_info']
    info['best_ckpt'] = str(folder / 'best_mIoU_epoch_2.pth')
    save_whole(path, stored)
    go_on(config, folder, BEST, rounds=2)
    assert names(folder) == {'epoch_2.pth', 'best_mIoU_epoch_2.pth'}
