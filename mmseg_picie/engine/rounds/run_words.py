"""What a run says of itself in words: its plan, its loss, its largest cluster."""

from collections.abc import Iterator
from pathlib import Path

from mmengine.runner import EpochBasedTrainLoop, Runner
from torch import nn

from ...datasets import leaves
from ...datasets.transforms import PairedViews
from ...models import TrainedSegmentor
from ..loops import trains
from .run_parts import unwrap
from .time_left import duration


def round_name(runner: Runner) -> str:
    """What an epoch of a run is called."""
    return 'round' if isinstance(unwrap(runner.model), TrainedSegmentor) else 'epoch'


def plan_lines(runner: Runner, minutes=None) -> list[str]:
    """Lines that say what a training will do, before it does it.

    Args:
        runner: About to train.
        minutes: The run's ``MinutesHook``, if it has one.
    """
    dataset, loop = runner.train_dataloader.dataset, runner.train_loop
    leaf = next(leaves(dataset))
    root = getattr(leaf, 'data_root', None)
    images = _count(len(dataset), 'image') + (f' in {root}' if root else '')
    size = view_size(leaf)
    if size is not None:
        images += f', seen at {size} px'
    clusters = getattr(_head(unwrap(runner.model)), 'num_clusters', None)
    lines = [images + (f'; {clusters} clusters' if clusters else '')]
    steps = _count(len(runner.train_dataloader), 'step')
    if not trains(loop):
        lines.append('the features are clustered as they are; nothing is trained')
    elif not isinstance(loop, EpochBasedTrainLoop):
        lines.append(f'{loop.max_iters} steps')
    elif minutes is not None:
        lines.append(f'rounds of {steps} for {duration(minutes.seconds)}')
    else:
        name = round_name(runner)
        left = loop.max_epochs - loop.epoch
        after = f' after the {loop.epoch} that are done' if loop.epoch else ''
        lines.append(
            f'{_count(left, name)} of {steps}{after}; how long is known after the first'
        )
    log = Path(runner.log_dir) / f'{runner.timestamp}.log'
    return [*lines, f'results go to {shown(runner.work_dir)}, the log to {shown(log)}']


def shown(path: str | Path) -> str:
    """A path as short as it can be typed: relative where it lies below the cwd."""
    path, here = Path(path), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _count(number: int, unit: str) -> str:
    return f'{number} {unit}' + ('' if number == 1 else 's')


def view_size(dataset) -> int | None:
    """Side of the views in pixels, None where images are not seen as views."""
    steps = getattr(getattr(dataset, 'pipeline', None), 'transforms', [])
    found = [step.size for step in steps if isinstance(step, PairedViews)]
    return min(found[0]) if found else None


def mean_loss(runner: Runner, steps: int) -> float | None:
    """Mean loss of the last steps, None where nothing was trained."""
    losses = runner.message_hub.log_scalars.get('train/loss')
    return None if losses is None else float(losses.mean(steps))


def largest_cluster(model: nn.Module) -> float | None:
    """Share of the largest cluster among those that predict, None without clusters."""
    sizes = getattr(_head(model), 'eval_cluster_size', None)
    if sizes is None or not sizes.any():
        return None
    return float(sizes.max() / sizes.sum())


def _head(model: nn.Module) -> nn.Module | None:
    return getattr(model, 'decode_head', None)


def below_zero(model: nn.Module) -> Iterator[str]:
    """Why losses of a model may be below 0, as each says in ``below_zero``."""
    for module in model.modules():
        reason = getattr(module, 'below_zero', None)
        if isinstance(reason, str):
            yield reason
