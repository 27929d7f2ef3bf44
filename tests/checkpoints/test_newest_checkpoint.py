"""Which checkpoint a run goes on from: the newest whole one of its folder."""

import json
import shutil

import mmengine.runner
import pytest
import torch

from mmseg_picie.checkpoints import newest_checkpoint
from mmseg_picie.errors import InputError


@pytest.fixture
def save(tmp_path):
    """Writes a checkpoint of a run in the folder ``run``; time counts its seconds."""
    folder = tmp_path / 'run'
    folder.mkdir()

    def write(name, time=0):
        meta = dict(epoch=1, time=f'20260101_0000{time:02d}')
        content = dict(meta=meta, state_dict=dict(a=torch.ones(9)), message_hub={})
        torch.save(content, folder / name)
        return folder

    return write


@pytest.fixture
def find():
    """The name of the newest, and what was said."""

    def newest(folder):
        lines = []
        found = newest_checkpoint(folder, lines.append)
        return found, lines

    return newest


def damage(path, how):
    data = path.read_bytes()
    if how == 'truncated':
        path.write_bytes(data[: len(data) // 2])
    elif how == 'empty':
        path.write_bytes(b'')
    elif how == 'garbage':
        path.write_bytes(b'hello\n' * 99)
    elif how == 'flipped':
        at = data.index(torch.ones(9).numpy().tobytes()) + 2
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    else:
        torch.save({'a': torch.ones(1)}, path)


def test_the_highest_step_is_the_newest_and_the_best_is_none_of_them(save, find):
    for name in (
        'epoch_2.pth',
        'epoch_9.pth',
        'epoch_10.pth',
        'best_mIoU_epoch_11.pth',
    ):
        folder = save(name)
    (folder / 'last_checkpoint').write_text('epoch_10.pth')
    assert find(folder) == (str(folder / 'epoch_10.pth'), [])


@pytest.mark.parametrize(
    'how', ['truncated', 'empty', 'garbage', 'flipped', 'weights alone']
)
def test_damaged_ones_are_named_and_passed_over(save, find, how):
    for name in ('epoch_1.pth', 'epoch_2.pth', 'epoch_3.pth'):
        folder = save(name)
    (folder / 'last_checkpoint').write_text('epoch_3.pth')
    damage(folder / 'epoch_3.pth', how)
    found, lines = find(folder)
    assert found == str(folder / 'epoch_2.pth')
    assert len(lines) == 1
    assert 'epoch_3.pth' in lines[0] and lines[0].startswith('passed over')
    assert '\n' not in lines[0]


@pytest.mark.parametrize(
    'record, words',
    [
        (None, 'last_checkpoint is not there'),
        (b'', 'last_checkpoint is empty'),
        (b'\0\0\0', 'last_checkpoint is empty'),  # as a crash of the system leaves it
        (b'/elsewhere/epoch_7.pth', 'names epoch_7.pth, which is not there'),
        (b'/elsewhere/run/epoch_2.pth', None),  # where the folder was before
        (b'epoch_2.pth', None),
    ],
)
def test_what_last_checkpoint_says_is_no_reason_to_begin_again(
    save, find, record, words
):
    save('epoch_1.pth', 1)
    folder = save('epoch_2.pth', 2)
    if record is not None:
        (folder / 'last_checkpoint').write_bytes(record)
    found, lines = find(folder)
    assert found == str(folder / 'epoch_2.pth')
    assert len(lines) == bool(words)
    assert all(words in line for line in lines)


def test_a_copy_does_not_read_the_files_it_was_copied_from(save, find, tmp_path):
    folder = save('epoch_1.pth')
    (folder / 'last_checkpoint').write_text(str(folder / 'epoch_1.pth'))
    copy = tmp_path / 'copy'
    shutil.copytree(folder, copy)
    damage(folder / 'epoch_1.pth', 'empty')
    assert find(copy) == (str(copy / 'epoch_1.pth'), [])


def test_a_round_that_was_saved_after_the_note_counts(save, find):
    save('epoch_1.pth', 1)
    folder = save('epoch_2.pth', 2)
    (folder / 'last_checkpoint').write_text('epoch_1.pth')
    assert find(folder)[0] == str(folder / 'epoch_2.pth')


def test_a_run_that_went_back_goes_on_from_where_it_is_now(save, find):
    save('epoch_1.pth', 1)
    save('epoch_3.pth', 3)
    folder = save('epoch_2.pth', 5)
    (folder / 'last_checkpoint').write_text('epoch_2.pth')
    assert find(folder)[0] == str(folder / 'epoch_2.pth')


def test_other_names_are_known_by_the_record_of_the_run(save, find):
    save('state_4.pth')
    folder = save('state_12.pth')
    assert find(folder)[0] is None
    written = ['state_4.pth', 'state_12.pth', 'best_mIoU_state_12.pth']
    (folder / 'checkpoints.json').write_text(json.dumps(written))
    assert find(folder)[0] == str(folder / 'state_12.pth')


def test_no_whole_one_is_an_error_and_no_new_beginning(save, find):
    folder = save('epoch_1.pth')
    damage(folder / 'epoch_1.pth', 'truncated')
    with pytest.raises(InputError, match=r'no checkpoint in .* is whole.*epoch_1\.pth'):
        find(folder)


def test_no_checkpoint_at_all_is_none(find, tmp_path):
    assert find(tmp_path) == (None, [])
    assert find(tmp_path / 'nowhere') == (None, [])


def test_any_runner_of_mmengine_finds_it_so(save):
    folder = save('epoch_1.pth')
    (folder / 'last_checkpoint').write_text('/elsewhere/epoch_9.pth')
    found = mmengine.runner.runner.find_latest_checkpoint(str(folder))
    assert found == str(folder / 'epoch_1.pth')


def test_a_folder_of_checkpoints_beside_the_work_directory(save, find, tmp_path):
    folder = save('epoch_1.pth')
    work_dir = tmp_path / 'work'
    work_dir.mkdir()
    (work_dir / 'last_checkpoint').write_text('../run/epoch_1.pth')
    found, _ = find(work_dir)
    assert (folder / 'epoch_1.pth').samefile(found)


def test_a_note_that_leads_below_is_followed(save, find, tmp_path):
    folder = save('epoch_3.pth')
    (tmp_path / 'last_checkpoint').write_text('run/epoch_3.pth')
    assert find(tmp_path) == (str(folder / 'epoch_3.pth'), [])


@pytest.mark.parametrize('note', ['ckpts/run/epoch_3.pth', '../work/epoch_3.pth'])
def test_a_note_that_leads_to_nothing_is_refused(note, find, tmp_path):
    folder = tmp_path / 'work'
    folder.mkdir()
    (folder / 'last_checkpoint').write_text(note)
    with pytest.raises(InputError, match=f'names {note}, .* remove the note'):
        find(folder)


def test_an_address_in_a_note_is_not_fetched(find, tmp_path):
    (tmp_path / 'last_checkpoint').write_text('http://host/epoch_3.pth')
    found, lines = find(tmp_path)
    assert found is None
    assert 'http://host/epoch_3.pth, which is not fetched' in lines[0]
