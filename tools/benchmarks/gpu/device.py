"""The device: its name and versions, and how busy it is."""

import subprocess
import threading
from collections.abc import Callable

import cv2
import mmcv
import mmengine
import mmseg
import numpy
import torch

from .. import measure

GIB = 1 << 30
SECONDS = 0.2  # between two readings
PACKAGES = (torch, mmengine, mmcv, mmseg, numpy, cv2)


def on_gpu() -> bool:
    """Whether there is a GPU, on which mmengine then runs."""
    return torch.cuda.is_available()


def describe() -> dict[str, str]:
    """Machine, device, libraries, and where utilization is read from."""
    found = {'machine': measure.machine(), 'device': 'CPU; no GPU is visible'}
    if on_gpu():
        properties = torch.cuda.get_device_properties(0)
        found['device'] = (
            f'{properties.name}, {properties.total_memory / GIB:.0f} GiB, CUDA '
            f'{torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}'
        )
        found['peak GiB is that'] = "of PyTorch's allocations on the GPU"
    else:
        found['peak GiB is that'] = 'of the process'
    found['packages'] = ', '.join(f'{p.__name__} {p.__version__}' for p in PACKAGES)
    found['GPU utilization from'] = Utilization().source
    return found


class Utilization:
    """Mean share of the time in which the GPU ran anything, in percent.

    Attributes:
        source: What is read: NVML through PyTorch, else the program nvidia-smi, else
            nothing.
        mean: After the block, or a word where nothing could be read.
        thread: Reads while the block runs.
    """

    def __init__(self) -> None:
        self.mean: float | str = 'none'
        self.source, self._read = _reader()
        self._readings: list[float] = []
        self._done = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> 'Utilization':
        if self._read is not None:
            self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._done.set()
        if self._read is not None:
            self.thread.join()
        if self._readings:
            self.mean = sum(self._readings) / len(self._readings)

    def _watch(self) -> None:
        while not self._done.wait(SECONDS):
            try:
                self._readings.append(float(self._read()))
            except Exception:  # as in _reader; the mean is that of the readings so far
                return


def _reader() -> tuple[str, Callable[[], float] | None]:
    """What to read utilization from, by trying."""
    if not on_gpu():
        return 'nothing: no GPU', None
    for source, read in (
        ('NVML (torch.cuda.utilization)', torch.cuda.utilization),
        ('nvidia-smi', _nvidia_smi),
    ):
        try:
            float(read())
        except Exception:  # each binding of NVML has errors of its own
            continue
        return source, read
    return 'nothing: neither NVML nor nvidia-smi answers; see "busy %"', None


def _nvidia_smi() -> float:
    command = ['nvidia-smi', '--query-gpu=utilization.gpu', '-i', '0']
    done = subprocess.run(
        [*command, '--format=csv,noheader,nounits'],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return float(done.stdout.split()[0])
