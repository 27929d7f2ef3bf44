"""What a training has written, and what comes next."""

from pathlib import Path

from mmengine.runner import Runner

from ..checkpoints import newest_checkpoint
from ..datasets import leaves
from ..engine import CheckpointHook, find_hook, shown, tell
from ..errors import InputError
from ..inference import training_sheet
from .config_checks import writes_tensorboard

SHEET = 'training_images.png'
SHOWN = 12  # images on it at most


def tell_results(runner: Runner, config: str, clusters: bool) -> None:
    """Tells what lies in the work directory and the next command.

    A training that finds clusters leaves a picture of some of its images.

    Args:
        runner: After a training; that of the first process.
        config: As the person named it.
        clusters: Whether it found clusters.
    """
    hook = find_hook(runner, CheckpointHook)
    if hook is None:
        return
    folder = Path(hook.out_dir)
    last = hook.last_ckpt or newest_checkpoint(folder, runner.logger.warning)
    if last is None:
        return
    last, rows = Path(last), []
    rows.append((last.name, 'the network after the last round or step'))
    best = runner.message_hub.get_info('best_ckpt')
    if best is not None:
        score = runner.message_hub.get_info('best_score')
        (name,) = hook.key_indicators
        rows.append((Path(best).name, f'the best by {name}: {score:.4g}'))
    if clusters:
        rows += _sheet(runner, last)
    tell(f'{shown(folder)}:', runner.logger)
    width = max(len(name) for name, _ in rows)
    for name, what in rows:
        tell(f'  {name:{width}}  {what}', runner.logger)
    tell('next:', runner.logger)
    for line in _next(config, shown(last), clusters, runner):
        tell(f'  {line}', runner.logger)


def _sheet(runner: Runner, checkpoint: Path) -> list[tuple[str, str]]:
    found = [
        (leaf, index)
        for leaf in leaves(runner.train_dataloader.dataset)
        for index in range(len(leaf))
    ]
    spread = found[:: -(-len(found) // SHOWN)]
    images = [leaf.get_data_info(index)['img_path'] for leaf, index in spread]
    try:
        count = training_sheet(checkpoint, images, Path(runner.work_dir) / SHEET)
    except InputError as error:
        runner.logger.warning(f'no picture of training images: {error}')
        return []
    return [(SHEET, f'{count} training images beside their clusters')] if count else []


def _next(config: str, checkpoint: str, clusters: bool, runner: Runner) -> list[str]:
    lines = []
    if clusters:
        lines += [
            f'mmseg-picie report {checkpoint} --open    (look at clusters, name them)',
            f'mmseg-picie predict {checkpoint} IMAGES --out MASKS --format png,overlay',
        ]
    if runner.cfg.get('test_cfg') is not None:
        lines.append(f'python tools/test.py {config} {checkpoint}')
    if writes_tensorboard(runner.cfg):
        lines.append(f'tensorboard --logdir {shown(runner.work_dir)}')
    return lines
