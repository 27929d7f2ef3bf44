"""Fits a neck that is not trained before anything is clustered."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...errors import InputError
from ...models import MultiLevelPCA
from ..rounds.feature_pca import fit_pca
from ..rounds.run_parts import unwrap


@HOOKS.register_module()
class FitPCAHook(Hook):
    """Fits ``MultiLevelPCA`` on the un-augmented training images before training.

    Args:
        batch_size: Images per step and process; by default that of training.
    """

    # Below CalibrateBatchNormHook: the axes follow from the statistics it sets.
    priority = 'NORMAL'

    def __init__(self, batch_size: int | None = None) -> None:
        self.batch_size = batch_size

    def before_train(self, runner: Runner) -> None:
        """Accumulates the moments over all processes and fits."""
        neck = unwrap(runner.model).neck
        if not isinstance(neck, MultiLevelPCA):
            raise InputError(
                'FitPCAHook needs model.neck.type=MultiLevelPCA, got '
                f'{type(neck).__name__}'
            )
        fit_pca(runner, neck, self.batch_size)
