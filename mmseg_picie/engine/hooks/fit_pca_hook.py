"""Fits a frozen neck before anything is clustered."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...models import MultiLevelPCA
from ..distributed import sum_over_processes, unwrap
from ..passes import images_by_shape, plain_pass, test_transforms


@HOOKS.register_module()
class FitPCAHook(Hook):
    """Fits ``MultiLevelPCA`` on the un-augmented training images before training.

    Args:
        batch_size: Images per step and process; by default that of training.
    """

    priority = 'HIGH'

    def __init__(self, batch_size: int | None = None) -> None:
        self.batch_size = batch_size

    @torch.no_grad()
    def before_train(self, runner: Runner) -> None:
        """Accumulates the moments over all processes and fits."""
        model, loader = unwrap(runner.model), runner.train_dataloader
        if not isinstance(model.neck, MultiLevelPCA):
            raise ValueError(
                'FitPCAHook needs model.neck.type=MultiLevelPCA, got '
                f'{type(model.neck).__name__}'
            )
        images = plain_pass(
            loader.dataset,
            test_transforms(runner),
            self.batch_size or loader.batch_sampler.batch_size,
            loader.num_workers,
            'fitting PCA',
        )
        model.eval()
        for _, samples in images.run((runner.seed, 0)):
            for _, batch, ignore in images_by_shape(samples, model.data_preprocessor):
                model.neck.accumulate(model.backbone(batch), ignore)
        sum_over_processes(model.neck.moments)
        model.neck.fit()
