"""ClusterCheckpointHook: what a checkpoint of clusters says and may be loaded into."""

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmseg.registry import HOOKS

from ...checkpoints import (
    check_loaded,
    drop_centroids,
    lay_out_optimizer,
    name_clusters,
)
from ..rounds.run_parts import unwrap


@HOOKS.register_module()
class ClusterCheckpointHook(Hook):
    """Names the predicted ids in a checkpoint, and checks one that is loaded.

    mmengine loads what fits of a checkpoint and logs the rest. For centroids that would
    mean predicting noise, so a checkpoint of another network is refused.

    Args:
        keep_centroids: Whether a training that begins with other weights
            (``load_from``) goes on from their centroids. False (default) clusters
            anew. With True and ``KMeansLabelHook.warm_start`` the clusters keep their
            ids, so that names given to them before the training still apply.
    """

    priority = 'ABOVE_NORMAL'

    def __init__(self, keep_centroids: bool = False) -> None:
        self.keep_centroids = keep_centroids

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Names the predicted ids for what they are."""
        name_clusters(unwrap(runner.model), checkpoint)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Refuses a checkpoint of another network."""
        model = unwrap(runner.model)
        training = isinstance(runner._train_loop, EpochBasedTrainLoop)
        if training and not runner._resume and not self.keep_centroids:
            drop_centroids(model, checkpoint)
            return
        check_loaded(model, checkpoint)
        lay_out_optimizer(checkpoint, model.memory_format)
