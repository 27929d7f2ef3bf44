"""Evaluate a network as it is."""

from mmengine.runner import EpochBasedTrainLoop
from mmseg.registry import LOOPS


@LOOPS.register_module()
class ClusterOnlyLoop(EpochBasedTrainLoop):
    """Clusters the features of the network as it is; no weight changes.

    One epoch without iterations: hooks see the end of an epoch, so centroids are
    fitted, a checkpoint is written and the validation loop runs as after training.
    For baselines (frozen features, an untrained network) and frozen backbones:
    ``--cfg-options train_cfg.type=ClusterOnlyLoop``.

    Args:
        runner: The runner.
        dataloader: Training images.
        **kwargs: Taken and ignored, so that a training config needs no other change.
    """

    def __init__(self, runner, dataloader, **kwargs) -> None:
        super().__init__(runner, dataloader, max_epochs=1)

    def run_epoch(self) -> None:
        """Ends an epoch that had no iterations."""
        self.runner.call_hook('after_train_epoch')
        self._epoch += 1
