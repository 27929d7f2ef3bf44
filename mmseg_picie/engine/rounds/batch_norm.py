"""Running statistics of BatchNorm outside the training step."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from mmengine.dist import all_reduce, get_world_size
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from ...errors import InputError
from ...models import TrainedSegmentor


def batch_norms(model: nn.Module) -> list[_NormBase]:
    """The modules of a model that keep running statistics."""
    return [
        module
        for module in model.modules()
        if isinstance(module, _NormBase) and module.running_mean is not None
    ]


def average_batch_norm(model: nn.Module) -> None:
    """Averages running statistics over processes.

    Each process saw its share of the images; without this the processes would
    predict differently and a checkpoint would hold the first one's view.
    """
    if get_world_size() == 1:
        return
    for norm in batch_norms(model):
        all_reduce(norm.running_mean, 'mean')
        all_reduce(norm.running_var, 'mean')
        all_reduce(norm.num_batches_tracked, 'max')


@contextmanager
def kept_modes(model: nn.Module) -> Iterator[None]:
    """Every module is in training or evaluation mode after it as it was before."""
    modes = {module: module.training for module in model.modules()}
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


@contextmanager
def batch_norm_in_training(model: nn.Module) -> Iterator[None]:
    """BatchNorm runs as in a training step inside, all else as in evaluation.

    What training keeps in evaluation mode (``norm_eval``) stays in it.
    """
    with kept_modes(model):
        model.train()
        for module in model.modules():
            if not isinstance(module, _NormBase):
                module.training = False  # dropout would draw what no resume repeats
        yield


@torch.no_grad()
def calibrate_batch_norm(model: TrainedSegmentor, batches: Iterable[Tensor]) -> None:
    """Sets running statistics to the mean over batches; weights stay as they are.

    Args:
        model: Its mode is left as it was.
        batches: Normalized images, (N, 3, H, W) each; every process its share.

    Raises:
        InputError: If the model has no BatchNorm.
    """
    norms = batch_norms(model)
    if not norms:
        raise InputError(
            'CalibrateBatchNormHook sets the statistics of BatchNorm, and the model '
            'has none: leave default_hooks.calibrate out'
        )
    momenta = [norm.momentum for norm in norms]
    with kept_modes(model):
        model.eval()
        try:
            for norm in norms:
                norm.reset_running_stats()
                norm.momentum = None  # a plain mean over the batches
                norm.train()
            for images in batches:
                model.extract_feat(images)
        finally:
            for norm, momentum in zip(norms, momenta, strict=True):
                norm.momentum = momentum
    average_batch_norm(model)
