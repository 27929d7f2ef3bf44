"""A whole round, and what it comes to on COCO."""

import argparse

from ..internals import FIXED_PARTS, part_methods, stage_methods
from ..measure import can_measure_peaks, peak_bytes, reset_peak
from ..parts import Parts
from .device import GIB, Utilization, on_gpu
from .workload import COCO_IMAGES, Way, built


def measure_round(args: argparse.Namespace, way: Way) -> dict:
    """The second of two rounds: the first starts workers and chooses kernels."""
    with built(args, way, args.workers, scored=True) as runner:
        epoch = runner.train_loop.run_epoch
        epoch()
        stages, parts = Parts(stage_methods()), Parts(part_methods(runner))
        if can_measure_peaks():
            reset_peak(on_gpu())
        with Utilization() as utilization:
            stages.run(lambda: parts.run(epoch))
    shares = parts.shares()
    fixed = sum(parts.seconds[name] for name in FIXED_PARTS)
    values = {
        f'COCO-27 round s (scaled to {COCO_IMAGES:,} images)': scaled(
            stages.total, fixed, args.images
        ),
        f'measured s ({args.images:,} images)': stages.total,
    }
    taken = {name: seconds for name, seconds in stages.seconds.items() if seconds}
    taken['train'] = stages.total - sum(taken.values())
    values |= {f'{name} s': seconds for name, seconds in taken.items()}
    for name in ('cluster', 'train'):
        values[f'{name} images/s'] = args.images / taken[name]
    values['busy %'] = 100 - shares['rest']
    values['GPU utilization %'] = utilization.mean
    if can_measure_peaks():
        values['peak GiB'] = peak_bytes(on_gpu()) / GIB
    values['shares'] = shares
    return values


def scaled(seconds: float, fixed: float, images: int) -> float:
    """Seconds on COCO's images.

    Args:
        seconds: Of a round on ``images``.
        fixed: What of it does not grow with the images.
        images: Images of the measured round.
    """
    return fixed + (seconds - fixed) * COCO_IMAGES / images
