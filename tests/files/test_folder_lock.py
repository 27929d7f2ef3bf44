"""One process at a time works in a folder."""

import multiprocessing
import time

import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.files import locked

MESSAGE = 'somebody works here'


def hold(path, connection):
    with locked(path, MESSAGE):
        connection.send('locked')
        time.sleep(60)


def test_second_process_is_refused_until_the_first_is_killed(tmp_path):
    path = tmp_path / 'new' / 'lock'
    context = multiprocessing.get_context('fork')
    ours, theirs = context.Pipe()
    first = context.Process(target=hold, args=(path, theirs))
    first.start()
    try:
        assert ours.recv() == 'locked'
        with pytest.raises(InputError, match=f'^{MESSAGE}$'), locked(path, MESSAGE):
            pass
    finally:
        first.kill()
        first.join()
    with locked(path, MESSAGE):
        assert path.is_file()
