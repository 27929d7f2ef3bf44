"""Reading what is no checkpoint, or no longer the one that was written."""

import random
import struct
import zipfile

import pytest
import torch
from mmengine.logging import HistoryBuffer

from mmseg_picie.checkpoints import read_run_checkpoint
from mmseg_picie.errors import InputError
from mmseg_picie.safe_loading import safe_load

SEEDS = range(6)
TEXTS = [
    b'hello\n',
    b'a: 1\nb: 2\n',
    b'import torch\n',
    b'<html>not found</html>',
    b'{"a": 1}',
    b'\x00' * 300,
    b'I1\n.',  # pickled 1
    b'h\x05.',  # pickles that ask for what is not there
    b'0',
    b'cos\nsystem\n.',
    b'\x80\x02U\x04\xff\xfe\xfd\xfc.',
    b'\xff\xfeh\x00i\x00',
]


@pytest.fixture(scope='module')
def checkpoints():
    """Bytes of one run's checkpoint in both formats of torch."""
    content = dict(
        meta=dict(epoch=1, cfg='a = 1'),
        state_dict={'w': torch.arange(40.0), 'b': torch.ones(3, dtype=torch.int64)},
        message_hub=dict(log_scalars={'loss': HistoryBuffer([1.0], [1])}),
    )
    return content


def save(content, path, is_zip=True) -> bytes:
    torch.save(content, path, _use_new_zipfile_serialization=is_zip)
    return path.read_bytes()


def mutated(data: bytes, draw: random.Random) -> bytes:
    """Bytes flipped, cut, put in, taken out or zeroed."""
    data, kind = bytearray(data), draw.randrange(5)
    for _ in range(draw.choice([1, 1, 2, 8])):
        at = draw.randrange(len(data))
        if kind == 0:
            data[at] ^= draw.randrange(1, 256)
        elif kind == 1:
            del data[max(at, 1) :]
        elif kind == 2:
            data[at:at] = draw.randbytes(draw.randrange(1, 9))
        elif kind == 3:
            del data[at : at + draw.randrange(1, 99)]
        else:
            data[at : at + 20] = bytes(20)
        if not data:
            return b''
    return bytes(data)


def assert_one_line(path):
    """It loads, or is refused in one line that names it; whether it loads."""
    try:
        read_run_checkpoint(str(path))
    except InputError as error:
        text = str(error)
        assert str(path) in text
        assert len(text.splitlines()) == 1
        assert len(text) < 700
        return False
    return True


@pytest.mark.parametrize('is_zip', [True, False])
@pytest.mark.parametrize('seed', SEEDS)
def test_changed_files_are_refused_in_one_line(checkpoints, tmp_path, seed, is_zip):
    data = save(checkpoints, tmp_path / 'whole.pth', is_zip)
    assert assert_one_line(tmp_path / 'whole.pth')
    draw, path = random.Random(seed), tmp_path / 'changed.pth'
    for _ in range(40):
        path.write_bytes(mutated(data, draw))
        loads = assert_one_line(path)
        # The old format has no check sums; what loads of the new one is unchanged.
        if loads and is_zip:
            state = safe_load(path)['state_dict']
            assert torch.equal(state['w'], torch.arange(40.0))
            assert torch.equal(state['b'], torch.ones(3, dtype=torch.int64))


@pytest.mark.parametrize('text', TEXTS)
def test_files_of_anything_else_are_refused_in_one_line(tmp_path, text):
    path = tmp_path / 'notes.pth'
    path.write_bytes(text)
    assert not assert_one_line(path)


@pytest.mark.parametrize('seed', SEEDS)
def test_random_bytes_are_refused_in_one_line(tmp_path, seed):
    draw, path = random.Random(seed), tmp_path / 'noise.pth'
    for _ in range(40):
        begin = draw.choice([b'', b'\x80\x02', b'PK\x03\x04', b'c', b'}'])
        path.write_bytes(begin + draw.randbytes(draw.randrange(200)))
        assert not assert_one_line(path)


def test_a_flipped_bit_of_a_weight_is_an_error_that_names_the_file(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    data = save(dict(state_dict={'w': torch.full((9,), 3.0)}), path)
    at = data.index(struct.pack('<f', 3.0) * 9)
    path.write_bytes(data[: at + 1] + bytes([data[at + 1] ^ 1]) + data[at + 2 :])
    # torch reads it without a word.
    assert torch.load(path)['state_dict']['w'][0] != 3.0
    with pytest.raises(InputError, match=r'epoch_1\.pth is damaged: bytes of .*data/0'):
        safe_load(path)


def test_no_right_to_read_is_no_damage(tmp_path, monkeypatch):
    path = tmp_path / 'epoch_1.pth'
    save(dict(state_dict={}), path)

    def refused(*args, **kwargs):
        raise PermissionError(13, 'Permission denied', str(path))

    monkeypatch.setattr(type(path), 'open', refused)
    with pytest.raises(PermissionError):
        safe_load(path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    path = tmp_path / 'images.pth'
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('a.txt', 'hello')
    assert not assert_one_line(path)


def test_state_that_is_no_table_is_no_checkpoint_of_a_run(tmp_path):
    path = tmp_path / 'odd.pth'
    for content in (3, [1], dict(state_dict=[1])):
        torch.save(content, path)
        with pytest.raises(InputError, match='no checkpoint of a training run'):
            read_run_checkpoint(str(path))
