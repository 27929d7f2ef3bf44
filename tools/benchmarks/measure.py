"""Times two ways to do a job in turns; measures peak memory in child processes."""

import ctypes
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from prettytable import PrettyTable

MIB = 1 << 20
SIDES = ('ours', 'baseline')


@dataclass(frozen=True)
class Job:
    """Two ways to do one piece of work on inputs that are ready.

    Attributes:
        ours, baseline: Do the whole job once; ``baseline`` may be None where there is
            nothing to compare with.
        units: Images (or passes) in one job; times are given per unit.
        uncounted: Bytes of the inputs' gradients, which a job allocates and which are
            no part of its peak.
        remark: Returns a note: by how much the results differ, what takes long.
    """

    ours: Callable[[], object]
    baseline: Callable[[], object] | None = None
    units: int = 1
    uncounted: int = 0
    remark: Callable[[], str] | None = None


@dataclass(frozen=True)
class Case:
    """One row of a stage.

    Attributes:
        name: What is compared.
        prepare: Makes the inputs. Peak memory counts from its end on.
        target_ratio: Least ratio of the baseline's time to ours that is aimed at.
        repeats: Timed runs of each side.
        warm_up: Untimed runs of each side.
        on_cpu: Whether the work is the CPU's even where there is a GPU.
        memory: Whether to measure peak memory, which takes one more run of each.
    """

    name: str
    prepare: Callable[[], Job]
    target_ratio: float | None = None
    repeats: int = 7
    warm_up: int = 1
    on_cpu: bool = False
    memory: bool = True


@dataclass
class Row:
    """What was measured; the fields are the keys of the JSON file."""

    case: str
    ours_ms: float
    baseline_ms: float | None
    ratio: float | None
    target_ratio: float | None
    ours_peak_mib: float | None = None
    baseline_peak_mib: float | None = None
    notes: list[str] = field(default_factory=list)


def measure(case: Case) -> Row:
    """Times both sides of a case in turns, after a warm-up; medians per unit."""
    job = case.prepare()
    sides = {name: getattr(job, name) for name in SIDES if getattr(job, name)}
    for _ in range(case.warm_up):
        for run in sides.values():
            run()
    times: dict[str, list[float]] = {name: [] for name in sides}
    for repeat in range(case.repeats):
        # Every other turn starts with the other side: neither always finds the caches
        # as the other left them.
        order = list(sides) if repeat % 2 == 0 else list(sides)[::-1]
        for name in order:
            times[name].append(1e3 * timed(sides[name]) / job.units)
    medians = {name: statistics.median(values) for name, values in times.items()}
    baseline = medians.get('baseline')
    row = Row(
        case=case.name,
        ours_ms=medians['ours'],
        baseline_ms=baseline,
        ratio=None if baseline is None else baseline / medians['ours'],
        target_ratio=case.target_ratio,
    )
    for name, values in times.items():
        row.notes.append(
            f'{name}: {len(values)} runs, {min(values):.3g} to {max(values):.3g} ms'
        )
    if job.remark is not None:
        row.notes.append(job.remark())
    return row


def timed(run: Callable[[], object]) -> float:
    """Seconds of one run, with all that it left to the GPU."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def mark() -> 'float | torch.cuda.Event':
    """A moment: of the GPU's queue of work, or of the clock where there is no GPU.

    Nothing waits for it; :func:`seconds_between` does.
    """
    if not torch.cuda.is_available():
        return time.perf_counter()
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


def seconds_between(
    start: 'float | torch.cuda.Event', end: 'float | torch.cuda.Event'
) -> float:
    """Seconds between two moments of :func:`mark`."""
    if isinstance(start, float):
        return end - start
    end.synchronize()
    return start.elapsed_time(end) / 1000


# --- memory -----------------------------------------------------------------------


def peak_in_child(command: list[str], case: str, side: str) -> float:
    """Peak of one side of a case in MiB, measured by a process of its own.

    Args:
        command: The benchmark's command line up to the child's own options.
        case: Name of the case.
        side: 'ours' or 'baseline'.

    Raises:
        RuntimeError: If the child fails, with its last words.
    """
    # A fixed threshold gives freed memory back at once, so that the peak is that of
    # what is in use and not of what the allocator keeps.
    done = subprocess.run(
        [sys.executable, *command, '--peak-of', case, side],
        env={**os.environ, 'MALLOC_MMAP_THRESHOLD_': '65536'},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(
            f'measuring the memory of {side} in {case!r} failed: {done.stderr[-2000:]}'
        )
    return json.loads(done.stdout.splitlines()[-1])


def peak(case: Case, side: str) -> float:
    """Most memory in use during one run, less that at its start, in MiB.

    It is the memory of the GPU where there is one, else of the process. Call it in a
    fresh process.
    """
    job = case.prepare()
    on_gpu = torch.cuda.is_available() and not case.on_cpu
    start = reset_peak(on_gpu)
    getattr(job, side)()
    return (peak_bytes(on_gpu) - start - job.uncounted) / MIB


def reset_peak(on_gpu: bool) -> int:
    """Starts a high-water mark anew; returns the bytes in use."""
    if on_gpu:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        return torch.cuda.memory_allocated()
    ctypes.CDLL(None).malloc_trim(0)
    Path('/proc/self/clear_refs').write_text('5')  # resets the high-water mark
    return _status('VmRSS')


def peak_bytes(on_gpu: bool) -> int:
    """The high-water mark: of the GPU's memory, or of the process."""
    if on_gpu:
        torch.cuda.synchronize()
        return torch.cuda.max_memory_allocated()
    return _status('VmHWM')


def _status(name: str) -> int:
    """A line of /proc/self/status, in bytes."""
    text = Path('/proc/self/status').read_text()
    return 1024 * int(re.search(rf'^{name}:\s+(\d+) kB', text, re.MULTILINE)[1])


def can_measure_peaks() -> bool:
    """Whether a process can read its own peak memory on this machine."""
    return torch.cuda.is_available() or Path('/proc/self/clear_refs').exists()


# --- reports ----------------------------------------------------------------------


def machine() -> str:
    """Processor, threads, GPU and versions, in one line."""
    cpu = platform.processor() or platform.machine()
    info = Path('/proc/cpuinfo')
    if info.exists():
        names = re.findall(r'^model name\s*:\s*(.+)$', info.read_text(), re.MULTILINE)
        cpu = names[0] if names else cpu
    parts = [f'{cpu}, {len(os.sched_getaffinity(0))} cores']
    parts.append(f'{torch.get_num_threads()} threads')
    if torch.cuda.is_available():
        parts.append(torch.cuda.get_device_name())
    parts.append(f'Python {platform.python_version()}, torch {torch.__version__}')
    return '; '.join(parts)


def as_json(stage: str, rows: list[Row]) -> dict:
    """What ``--json`` writes."""
    return dict(stage=stage, machine=machine(), cases=[asdict(row) for row in rows])


def table(rows: list[Row]) -> str:
    """The rows as a table, with their notes below it."""
    grid = PrettyTable(
        ['case', 'ours ms', 'baseline ms', 'ratio', 'target', 'ours MiB', 'base MiB'],
        align='r',
    )
    grid.align['case'] = 'l'
    for row in rows:
        grid.add_row(
            [
                row.case,
                f'{row.ours_ms:.2f}',
                _number(row.baseline_ms, '.2f'),
                _number(row.ratio, '.2f'),
                _number(row.target_ratio, '.2f'),
                _number(row.ours_peak_mib, '.1f'),
                _number(row.baseline_peak_mib, '.1f'),
            ]
        )
    notes = [f'{row.case}: {note}' for row in rows for note in row.notes]
    return '\n'.join([str(grid), '', *notes])


def _number(value: float | None, form: str) -> str:
    return '' if value is None else format(value, form)
