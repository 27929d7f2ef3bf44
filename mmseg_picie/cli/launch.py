"""Starting several processes where mmengine only knows GPUs."""

import gc
import os

import torch
from torch import distributed as dist

from ..errors import InputError


def init_cpu_process_group(launcher: str) -> bool:
    """Start a gloo process group where there is no GPU, before the Runner is built.

    mmengine calls `torch.cuda.set_device` on its own way there.

    Args:
        launcher: 'none', 'pytorch', 'slurm' or 'mpi'.

    Returns:
        Whether a gloo group is running afterwards.

    Raises:
        InputError: If the launcher's environment variables are missing.
    """
    if launcher == 'none' or torch.cuda.is_available():
        return False
    if not dist.is_initialized():
        _export_ranks(launcher)
        dist.init_process_group('gloo')
    return dist.get_backend() == 'gloo'


def end_process_group() -> None:
    """Destroy the process group, if one runs, and with it the threads of gloo.

    A runner holds the group through its DDP wrapper, and cycles keep a runner that
    nobody uses. Threads that outlive the interpreter can abort the process (SIGABRT).
    """
    if dist.is_initialized():
        gc.collect()
        dist.destroy_process_group()


def _export_ranks(launcher: str) -> None:
    """Give slurm's and mpi's ranks the names that torch reads."""
    sources = {
        'pytorch': 'RANK WORLD_SIZE LOCAL_RANK',
        'slurm': 'SLURM_PROCID SLURM_NTASKS SLURM_LOCALID',
        'mpi': 'OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE OMPI_COMM_WORLD_LOCAL_RANK',
    }[launcher].split()
    for target, source in zip(('RANK', 'WORLD_SIZE', 'LOCAL_RANK'), sources):
        if source not in os.environ:
            raise InputError(
                f'--launcher {launcher} needs the environment variable {source}: start '
                'with tools/dist_train.sh (torchrun), srun or mpirun'
            )
        os.environ[target] = os.environ[source]
    os.environ.setdefault('MASTER_PORT', '29500')
    if launcher == 'slurm' and os.environ.get('SLURM_NNODES') == '1':
        os.environ.setdefault('MASTER_ADDR', '127.0.0.1')
    if 'MASTER_ADDR' not in os.environ:
        raise InputError(
            'set the environment variable MASTER_ADDR to the address of rank 0'
        )
