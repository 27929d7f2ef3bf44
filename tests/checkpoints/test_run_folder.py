"""Which checkpoint of a run is meant."""

import pytest
import torch

from mmseg_picie.checkpoints import find_checkpoint, weights_hash
from mmseg_picie.errors import InputError, MissingFileError


@pytest.fixture
def save(tmp_path):
    """Writes a checkpoint of one weight; its hash."""

    def write(name, value):
        state = {'a': torch.tensor([float(value)])}
        torch.save(dict(state_dict=state), tmp_path / name)
        return weights_hash(state)

    return write


def test_file_is_itself(tmp_path, save):
    save('named.pth', 1)
    assert find_checkpoint(tmp_path / 'named.pth') == tmp_path / 'named.pth'


def test_best_then_last(tmp_path, save):
    for epoch in (2, 9, 10):
        save(f'epoch_{epoch}.pth', epoch)
    save('named.pth', 1)
    (tmp_path / 'epoch_99.pth').mkdir()
    assert find_checkpoint(tmp_path).name == 'epoch_10.pth'
    # A folder that was moved: the record's path is of the old place.
    (tmp_path / 'last_checkpoint').write_text('/elsewhere/run/epoch_9.pth')
    assert find_checkpoint(tmp_path).name == 'epoch_9.pth'
    (tmp_path / 'last_checkpoint').write_text('/elsewhere/run/named.pth')
    assert find_checkpoint(tmp_path).name == 'epoch_10.pth'
    save('best_mIoU_epoch_2.pth', 2)
    assert find_checkpoint(tmp_path).name == 'best_mIoU_epoch_2.pth'
    save('best_aAcc_epoch_9.pth', 9)
    with pytest.raises(InputError, match='several best.*name the one'):
        find_checkpoint(tmp_path)


def test_hash_finds_its_checkpoint(tmp_path, save):
    hashes = {n: save(f'epoch_{n}.pth', n) for n in (1, 2, 3)}
    save('best_mIoU_epoch_3.pth', 3)
    for number, digest in hashes.items():
        found = find_checkpoint(tmp_path, digest)
        assert found.name == f'epoch_{number}.pth'
    with pytest.raises(InputError, match=f'{64 * "0"}.*epoch_3.pth, epoch_2.pth'):
        find_checkpoint(tmp_path, 64 * '0')


def test_fit_comes_first(tmp_path, save):
    digest = save('clusters.pth', 1)
    other = save('epoch_1.pth', 2)
    save('named.pth', 3)
    assert find_checkpoint(tmp_path).name == 'clusters.pth'
    assert find_checkpoint(tmp_path, digest).name == 'clusters.pth'
    assert find_checkpoint(tmp_path, other).name == 'epoch_1.pth'


def test_run_of_mmengine(trained):
    assert find_checkpoint(trained) == trained / 'epoch_1.pth'


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(MissingFileError, match='run does not exist'):
        find_checkpoint(tmp_path / 'run')
    with pytest.raises(InputError, match='has no checkpoint'):
        find_checkpoint(tmp_path)
