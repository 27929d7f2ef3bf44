"""What a run must be like for rounds of clustering to make sense."""

from mmengine.dist import get_world_size
from mmengine.hooks import CheckpointHook
from mmengine.optim import OptimWrapper, _ParamScheduler
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmseg.registry import HOOKS
from torch import nn

from ...errors import InputError
from ...models import ClusteringHead, RoundSegmentor, TrainedSegmentor
from ..loops import trains
from .batch_norm import batch_norms
from .run_parts import find_hook, unwrap


def check_run(runner: Runner) -> None:
    """Refuses a run whose result would be wrong, warns of one that would be poor.

    Args:
        runner: About to train.

    Raises:
        InputError: Naming the setting, its value and the remedy.
    """
    if not isinstance(runner.train_loop, EpochBasedTrainLoop):
        raise InputError(
            'train_cfg.type must be EpochBasedTrainLoop, got '
            f'{type(runner.train_loop).__name__}: a round is an epoch; set '
            "train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=10)"
        )
    _check_model(unwrap(runner.model))
    _check_hooks(runner)
    if runner._randomness_cfg.get('diff_rank_seed'):
        raise InputError(
            'randomness.diff_rank_seed must be False: processes share the order of the '
            'images; draws differ between processes anyway'
        )
    _check_save_best(runner)
    if trains(runner.train_loop):
        _warn_of_kept_statistics(runner)
        _check_steps(runner)
        _check_rate(runner)


def _check_model(model: nn.Module) -> None:
    if not isinstance(model, TrainedSegmentor):
        raise InputError(
            'RoundHook needs a model that trains in rounds, such as model.type=PiCIE, '
            f'got {type(model).__name__}'
        )
    if model.predict_as != 'clusters':
        raise InputError(
            "model.predict_as='classes' is for a checkpoint with a stored "
            "matching; train with predict_as='clusters'"
        )


def _check_hooks(runner: Runner) -> None:
    """A method without clusterings has no use for hooks that cluster for it."""
    model = unwrap(runner.model)
    if isinstance(model, RoundSegmentor):
        return
    useless = [('kmeans', 'KMeansLabelHook')]
    if not isinstance(model.decode_head, ClusteringHead):
        useless.append(('refit', 'RefitHook'))
    for name, kind in useless:
        if find_hook(runner, HOOKS.get(kind)) is not None:
            raise InputError(
                f'{kind} clusters for methods that learn from clusterings, and '
                f'model.type={type(model).__name__} with a '
                f'{type(model.decode_head).__name__} has no use for it: set '
                f'default_hooks.{name}=None (configs/_base_/schedules/end_to_end.py '
                'has no such hooks)'
            )


def _check_save_best(runner: Runner) -> None:
    scored = find_hook(runner, HOOKS.get('LabelFreeScoresHook')) is not None
    loop = runner.train_loop
    validates = runner.val_loop is not None and loop.val_begin <= loop.max_epochs
    checkpoints = [hook for hook in runner.hooks if isinstance(hook, CheckpointHook)]
    for name in (name for hook in checkpoints for name in hook.save_best or ()):
        if not validates:
            raise InputError(
                f'default_hooks.checkpoint.save_best is {name!r}, and no round ends '
                'with a validation, which is when the best checkpoint is chosen: add '
                'val_dataloader, val_evaluator (ClusterStatisticsMetric needs no '
                'labels) and val_cfg, with train_cfg.val_begin at most max_epochs, or '
                'set save_best=None'
            )
        if name.startswith('label_free/') and not scored:
            raise InputError(
                f'default_hooks.checkpoint.save_best is {name!r}, which '
                "default_hooks.label_free=dict(type='LabelFreeScoresHook') would "
                'compute: add it, or set save_best=None'
            )


def check_moving_statistics(model: RoundSegmentor) -> None:
    """Refuses ``KMeansLabelHook.batch_norm='train'`` without plain BatchNorm."""
    norms = batch_norms(model)
    if not norms or any(isinstance(norm, nn.SyncBatchNorm) for norm in norms):
        raise InputError(
            "KMeansLabelHook.batch_norm='train' needs norm_cfg.type=BN, got "
            f'{sorted({type(norm).__name__ for norm in norms}) or "no BatchNorm"}: '
            'running statistics move, and are averaged over processes afterwards'
        )


def _warn_of_kept_statistics(runner: Runner) -> None:
    if find_hook(runner, HOOKS.get('CalibrateBatchNormHook')):
        return
    model = unwrap(runner.model)
    norms = batch_norms(model.backbone)
    if model.frozen_backbone:
        setting = 'model.frozen_backbone'
    elif getattr(model.backbone, 'norm_eval', False):
        setting = 'model.backbone.norm_eval'
    else:
        return
    if not norms:
        return
    if all((n.running_mean == 0).all() and (n.running_var == 1).all() for n in norms):
        runner.logger.warning(
            f'{setting}=True keeps the BatchNorm statistics of the initial weights, '
            'and these have none (mean 0, variance 1): begin with pretrained weights '
            f'or, from scratch, set {setting}=False and '
            'default_hooks.calibrate.type=CalibrateBatchNormHook'
        )


def _check_rate(runner: Runner) -> None:
    schedulers = runner.param_schedulers
    if not isinstance(schedulers, list):  # none, or those of several optimizers
        return
    for index, scheduler in enumerate(schedulers):
        if not isinstance(scheduler, _ParamScheduler):
            return  # a config still: nothing is trained
        last = runner.max_epochs if scheduler.by_epoch else runner.max_iters
        followed = any(other.end > scheduler.end for other in schedulers)
        ends_at_zero = getattr(scheduler, 'eta_min', None) == 0
        if ends_at_zero and scheduler.end < last and not followed:
            raise InputError(
                f'param_scheduler.{index} ({type(scheduler).__name__}) brings the rate '
                'to 0 before the last round, and the rounds after that would learn '
                f'nothing: set param_scheduler.{index}.end={runner.max_epochs}, which '
                'is train_cfg.max_epochs'
            )


def _check_steps(runner: Runner) -> None:
    loader, wrapper = runner.train_dataloader, runner.optim_wrapper
    steps, images = len(loader), len(loader.dataset)
    counts = getattr(wrapper, '_accumulative_counts', 1)
    if isinstance(wrapper, OptimWrapper) and steps % counts:
        raise InputError(
            f'optim_wrapper.accumulative_counts={counts} does not divide the {steps} '
            'steps of a round: gradients would mix the labels of two rounds; choose '
            'another train_dataloader.batch_size or accumulative_counts'
        )
    last = images % (loader.batch_sampler.batch_size * get_world_size())
    sync = any(isinstance(m, nn.SyncBatchNorm) for m in unwrap(runner.model).modules())
    if sync and 0 < last < get_world_size() and not loader.batch_sampler.drop_last:
        raise InputError(
            f'the last step of a round has {last} images for {get_world_size()} '
            'processes, and SyncBN waits for all of them: set '
            'train_dataloader.batch_sampler.drop_last=True or norm_cfg.type=BN'
        )
