"""Evaluate a network as it is."""

from typing import Any

from mmengine.runner import EpochBasedTrainLoop
from mmseg.registry import LOOPS


@LOOPS.register_module()
class ClusterOnlyLoop(EpochBasedTrainLoop):
    """Clusters the features of the network as it is; no weight changes.

    One epoch without iterations: hooks see the end of an epoch, so centroids are
    fitted, a checkpoint is written and the validation loop runs as after training.
    For baselines (pretrained features, an untrained network) and fixed backbones:
    ``--cfg-options train_cfg.type=ClusterOnlyLoop``.

    Args:
        runner: The runner.
        dataloader: Training images.
        max_epochs: As the others a setting of a training. All of them are taken, so
            that the config of a training needs no other change, and have no effect.
        val_begin: Likewise.
        val_interval: Likewise.
        dynamic_intervals: Likewise.
    """

    def __init__(
        self,
        runner: Any,
        dataloader: Any,
        max_epochs: int = 1,
        val_begin: int = 1,
        val_interval: int = 1,
        dynamic_intervals: list | None = None,
    ) -> None:
        super().__init__(runner, dataloader, max_epochs=1)

    def run_epoch(self) -> None:
        """Ends an epoch that had no iterations."""
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1


def trains(loop: EpochBasedTrainLoop) -> bool:
    """Whether the epochs of a training loop train."""
    return not isinstance(loop, ClusterOnlyLoop)
