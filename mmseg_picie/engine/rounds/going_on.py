"""A run that goes on: what differs from the run so far, and what may not."""

from typing import Any

from mmengine.dist import get_world_size
from mmengine.runner import EpochBasedTrainLoop, Runner

from ...checkpoints import Difference, config_differences, stored_config
from ...errors import InputError
from ..console import tell
from ..loops import trains
from .image_list import images_sha256
from .schedule_position import put_schedule

RUN = 'run'  # the entry of a checkpoint's meta
MOST_LINES = 12
SCHEDULE = ('optim_wrapper', 'param_scheduler', 'auto_scale_lr', 'train_cfg')
STEPS = 'steps of a round'
# What the stored best score was measured by.
BEST = (
    'default_hooks.checkpoint.save_best',
    'default_hooks.checkpoint.rule',
    'val_evaluator',
    'val_dataloader.dataset',
)


def describe_run(runner: Runner) -> dict[str, Any]:
    """What a checkpoint says of its run beside the config: images and processes."""
    dataset = runner.train_dataloader.dataset
    return dict(
        num_images=len(dataset),
        images_sha256=images_sha256(dataset),
        world_size=get_world_size(),
    )


def run_differences(runner: Runner, checkpoint: dict) -> list[Difference]:
    """What differs between a run that goes on and the run so far.

    Args:
        runner: About to go on.
        checkpoint: Of the run so far.
    """
    try:
        before = stored_config(checkpoint, 'the checkpoint')
    except InputError as error:
        runner.logger.warning(f'what differs from the run so far is not known: {error}')
        before = runner.cfg
    found = config_differences(before, runner.cfg)
    meta, now = checkpoint['meta'], describe_run(runner)
    run = meta.get(RUN, now)  # none in checkpoints of version 0.1
    if run['world_size'] != now['world_size']:
        found.append(Difference('processes', run['world_size'], now['world_size']))
    in_rounds = isinstance(runner.train_loop, EpochBasedTrainLoop)
    if in_rounds and trains(runner.train_loop) and meta['epoch']:
        steps, now_steps = meta['iter'] / meta['epoch'], len(runner.train_dataloader)
        if steps != now_steps:
            steps = int(steps) if steps.is_integer() else steps
            found.append(Difference(STEPS, steps, now_steps))
    if run['images_sha256'] != now['images_sha256']:
        found.append(Difference('training images', _images(run), _images(now)))
    return found


def check_images(differences: list[Difference]) -> None:
    """Refuses to go on with other training images.

    Raises:
        InputError: If their names or order differ from those the run began with.
    """
    for one in differences:
        if one.key == 'training images':
            raise InputError(
                f'the run began with other images ({one}; names and order count): '
                'bring them back, or begin a new run in another folder. To go on with '
                "these all the same, set default_hooks.cluster_checkpoint.images='any'"
            )


def model_differences(differences: list[Difference]) -> str:
    """The settings of the model that differ, to follow a refusal; '' for none."""
    found = [str(one) for one in differences if one.key.startswith('model')]
    return f'. Different are {"; ".join(found[:MOST_LINES])}' if found else ''


def obey_config(
    runner: Runner, checkpoint: dict, differences: list[Difference]
) -> None:
    """Lets a run go on by its config; mmengine brings back what was stored.

    Args:
        runner: About to take up the checkpoint.
        checkpoint: Changed in place.
        differences: :func:`run_differences`.
    """
    meta = checkpoint['meta']
    if runner._randomness_cfg.get('seed') is not None:
        meta['seed'] = runner.seed
    keys = {one.key for one in differences}
    if STEPS in keys or any(key.startswith(SCHEDULE) for key in keys):
        notes = put_schedule(runner, checkpoint)
    else:
        notes = []
    if any(key.startswith(BEST) for key in keys):
        # Scores by two measures, or of two sets of images, cannot be compared.
        info = checkpoint['message_hub']['runtime_info']
        for name in [name for name in info if name.startswith('best_')]:
            del info[name]
    _tell(runner, meta, [*map(str, differences), *notes])


def _tell(runner: Runner, meta: dict, lines: list[str]) -> None:
    if not lines:
        return
    left_out = len(lines) - MOST_LINES
    lines = lines[:MOST_LINES]
    if left_out > 0:
        lines.append(f'and {left_out} more; both configs are beside the logs')
    done = f'round {meta["epoch"]}' if meta['epoch'] else f'step {meta["iter"]}'
    tell(f'goes on after {done} with what the config says now:', runner.logger)
    for line in lines:
        tell(f'  {line}', runner.logger)


def _images(run: dict) -> str:
    return f'{run["num_images"]} ({run["images_sha256"][:8]})'
