"""Runs a function in several gloo processes."""

import contextlib
import multiprocessing
import os
import time
from pathlib import Path

import torch
import torch.multiprocessing as mp
from mmengine.config import Config
from torch import distributed as dist

from mmseg_picie.cli.launch import end_process_group

# Processes are forked from one that has imported all this once: seconds less for each.
multiprocessing.set_forkserver_preload(['mmengine.runner', 'mmseg_picie'])


def in_processes(world, tmp_path, target, *args):
    """Runs target(rank, *args) in ``world`` processes."""
    store = tmp_path / f'store_{world}_{target.__name__}'
    args = (world, store, target, args)
    mp.start_processes(_enter, args, nprocs=world, start_method='forkserver')


def distribute(config: Config) -> Config:
    """Prepares a config for processes that cluster one image per step each."""
    config.launcher = 'pytorch'
    config.default_hooks.kmeans.batch_size = 1
    config.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False
    )
    return config


def _enter(rank, world, store, target, args):
    torch.set_num_threads(1)
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(world), LOCAL_RANK=str(rank))
    dist.init_process_group(
        'gloo', init_method=f'file://{store}', rank=rank, world_size=world
    )
    target(rank, *args)
    end_process_group()
    # The kernel lists a thread that was joined for a moment more.
    end = time.monotonic() + 5
    while threads := gloo_threads():
        assert time.monotonic() < end, threads
        time.sleep(0.01)


def gloo_threads():
    """Names of this process's threads that gloo left running."""
    names = []
    for task in Path('/proc/self/task').glob('*/comm'):
        with contextlib.suppress(OSError):  # gone by now
            names.append(task.read_text())
    return [name for name in names if 'gloo' in name]
