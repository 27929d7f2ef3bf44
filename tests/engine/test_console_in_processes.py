"""Of several processes one prints."""

import os

from mmengine.runner import Runner
from processes import distribute, in_processes
from small_run import make_config

CONSOLE = dict(console=dict(type='ConsoleHook'))


def train_into_a_file(rank, root, work_dir, folder):
    with open(folder / f'{rank}.txt', 'w') as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
        config = make_config(
            root, work_dir, rounds=2, log_level='INFO', default_hooks=CONSOLE
        )
        Runner.from_cfg(distribute(config)).train()


def test_the_first_of_two_processes_prints(camvid_root, tmp_path):
    arguments = camvid_root, tmp_path / 'run', tmp_path
    in_processes(2, tmp_path, train_into_a_file, *arguments)
    first, second = ((tmp_path / f'{rank}.txt').read_text() for rank in (0, 1))
    for line in ('2 rounds of', 'round 1 of 2', 'round 2 of 2', 'done in'):
        assert first.count(line) == 1
        assert line not in second
