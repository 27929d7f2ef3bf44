"""Images a second of a training step, a clustering step and the loader."""

import argparse
import statistics
import time
from collections.abc import Callable

from ..internals import clustering_step, next_batch, part_methods, prepare_steps
from ..measure import can_measure_peaks, mark, peak_bytes, reset_peak, seconds_between
from ..parts import Parts
from .device import GIB, on_gpu
from .workload import Way, built


def measure_step(args: argparse.Namespace, way: Way) -> dict:
    """Labels, forward, loss, backward and optimizer on one batch in host memory."""
    with built(args, way, workers=0, images=args.batch) as runner:
        batch = next_batch(runner)
        prepare_steps(runner.model)

        def step() -> None:
            runner.model.train_step(batch, runner.optim_wrapper)

        values = measure_runs(step, args, args.batch)
        parts = Parts(part_methods(runner))
        parts.run(lambda: [step() for _ in range(args.repeats)])
        values['shares'] = parts.shares()
    return values


def measure_clustering(args: argparse.Namespace, way: Way) -> dict:
    """Both views of one batch: frozen forward and k-means."""
    size = args.cluster_batch
    with built(args, way, workers=0, images=size, batch=size) as runner:
        return measure_runs(clustering_step(runner), args, size)


def measure_runs(
    run: Callable[[], object], args: argparse.Namespace, units: int
) -> dict:
    """Median, spread, first run and peak memory of a repeated run of some images."""
    if can_measure_peaks():
        reset_peak(on_gpu())
    start = mark()
    run()
    first = seconds_between(start, mark())
    for _ in range(args.warm_up - 1):
        run()
    # Moments lie between the runs and nothing waits: the host may run ahead as it does
    # in training.
    marks = [mark()]
    for _ in range(args.repeats):
        run()
        marks.append(mark())
    times = [seconds_between(a, b) for a, b in zip(marks, marks[1:])]
    median = statistics.median(times)
    values = {
        'images/s': units / median,
        'ms': 1000 * median,
        'ms, least and most': f'{1000 * min(times):.4g} to {1000 * max(times):.4g}',
        'first run s': first,
    }
    if can_measure_peaks():
        values['peak GiB'] = peak_bytes(on_gpu()) / GIB
    return values


def measure_loader(args: argparse.Namespace, workers: int) -> dict:
    """Decoding and both views of drawn JPEGs, with nothing that takes the batches."""
    # As long a run for one worker as for all.
    images = max(args.batch, args.images * workers // args.workers)
    with built(args, Way('float32'), workers, images=images) as runner:
        loader = runner.train_dataloader
        times = []
        for _ in range(3):  # the first one starts the workers
            start = time.perf_counter()
            count = sum(len(batch['inputs']['view1']) for batch in loader)
            times.append(time.perf_counter() - start)
    rate = count / statistics.median(times[1:])
    return {
        'images/s': rate,
        'images/s of a worker': rate / workers,
        'images': count,
    }
