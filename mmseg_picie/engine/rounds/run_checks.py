"""What a run must be like for rounds of clustering to make sense."""

from mmengine.dist import get_world_size
from mmengine.hooks import CheckpointHook
from mmengine.optim import OptimWrapper, _ParamScheduler
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmseg.registry import HOOKS
from torch import nn

from ...errors import InputError
from ...models import ClassifierHead, PiCIE
from ..loops.cluster_only_loop import ClusterOnlyLoop
from .batch_norm import batch_norms
from .distributed import unwrap


def check_run(
    runner: Runner,
    eval_centroids: str,
    refit_images: str,
    batch_norm: str,
    calibrates: bool,
    shared_ids: bool,
) -> None:
    """Refuses a run whose result would be wrong, warns of one that would be poor.

    Args:
        runner: About to train.
        eval_centroids: Option of ``KMeansLabelHook``, as are the others.
        refit_images: Likewise.
        batch_norm: Likewise.
        calibrates: Its ``calibrate_batch_norm``.
        shared_ids: Whether a cluster id means the same in both views.

    Raises:
        InputError: Naming the setting, its value and the remedy.
    """
    if not isinstance(runner.train_loop, EpochBasedTrainLoop):
        raise InputError(
            'train_cfg.type must be EpochBasedTrainLoop, got '
            f'{type(runner.train_loop).__name__}: a round is an epoch; set '
            "train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=10)"
        )
    if not isinstance(unwrap(runner.model), PiCIE):
        raise InputError(
            'KMeansLabelHook needs model.type=PiCIE (or a subclass), got '
            f'{type(unwrap(runner.model)).__name__}'
        )
    if unwrap(runner.model).predict_as != 'clusters':
        raise InputError(
            "model.predict_as='classes' is for a checkpoint with a stored "
            "matching; train with predict_as='clusters'"
        )
    if runner._randomness_cfg.get('diff_rank_seed'):
        raise InputError(
            'randomness.diff_rank_seed must be False: processes share the order of the '
            'images; draws differ between processes anyway'
        )
    if refit_images == 'val' and (eval_centroids != 'refit' or not runner.val_loop):
        raise InputError(
            f"KMeansLabelHook.refit_images='val' needs eval_centroids='refit', got "
            f'{eval_centroids!r}, and a val_dataloader in the config'
        )
    if unwrap(runner.model).label_agreement and not shared_ids:
        raise InputError(
            'model.label_agreement compares the ids of two clusterings, whose numbers '
            'mean the same only where both go on from one or are one: set '
            "KMeansLabelHook.warm_start=True with eval_centroids='refit', or "
            "centroid_sets='shared'"
        )
    if batch_norm == 'train':
        _check_moving_statistics(unwrap(runner.model))
    _check_save_best(runner)
    if isinstance(runner.train_loop, ClusterOnlyLoop):
        if eval_centroids != 'refit':
            raise InputError(
                f'KMeansLabelHook.eval_centroids={eval_centroids!r} needs a round of '
                "training, and train_cfg.type is ClusterOnlyLoop: use 'refit'"
            )
        head = unwrap(runner.model).decode_head
        if isinstance(head, ClassifierHead) and head.predict_by == 'classifier':
            raise InputError(
                "decode_head.predict_by='classifier' needs a round of training, and "
                "train_cfg.type is ClusterOnlyLoop: use 'centroids'"
            )
        return
    if not calibrates:
        _warn_of_kept_statistics(runner)
    _check_steps(runner)
    _check_rate(runner)


def _check_save_best(runner: Runner) -> None:
    scored = HOOKS.get('LabelFreeScoresHook')
    if not runner.val_loop or any(isinstance(hook, scored) for hook in runner.hooks):
        return
    checkpoints = [hook for hook in runner.hooks if isinstance(hook, CheckpointHook)]
    for name in (name for hook in checkpoints for name in hook.save_best or ()):
        if name.startswith('label_free/'):
            raise InputError(
                f'default_hooks.checkpoint.save_best is {name!r}, which '
                "dict(type='LabelFreeScoresHook') in custom_hooks would compute: add "
                'it, or set save_best=None'
            )


def _check_moving_statistics(model: PiCIE) -> None:
    norms = batch_norms(model)
    if not norms or any(isinstance(norm, nn.SyncBatchNorm) for norm in norms):
        raise InputError(
            "KMeansLabelHook.batch_norm='train' needs norm_cfg.type=BN, got "
            f'{sorted({type(norm).__name__ for norm in norms}) or "no BatchNorm"}: '
            'running statistics move, and are averaged over processes afterwards'
        )


def _warn_of_kept_statistics(runner: Runner) -> None:
    backbone = unwrap(runner.model).backbone
    norms = batch_norms(backbone)
    if not getattr(backbone, 'norm_eval', False) or not norms:
        return
    if all((n.running_mean == 0).all() and (n.running_var == 1).all() for n in norms):
        runner.logger.warning(
            'model.backbone.norm_eval=True keeps the BatchNorm statistics of the start '
            'weights, and these have none (mean 0, variance 1): start from pretrained '
            'weights or, from scratch, set model.backbone.norm_eval=False and '
            'KMeansLabelHook.calibrate_batch_norm=True (in the configs here '
            'custom_hooks.0.calibrate_batch_norm=True)'
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
