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
from ...errors import InputError, check_choice
from ..rounds.going_on import (
    RUN,
    check_images,
    describe_run,
    model_differences,
    obey_config,
    run_differences,
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
        images: 'same' (default) refuses to go on with other training images than the
            run began with, by their names and order; 'any' goes on and says so.
    """

    priority = 'ABOVE_NORMAL'

    def __init__(self, keep_centroids: bool = False, images: str = 'same') -> None:
        check_choice('ClusterCheckpointHook.images', images, ('same', 'any'))
        self.keep_centroids = keep_centroids
        self.images = images

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Names the predicted ids for what they are; notes images and processes."""
        checkpoint['meta'][RUN] = describe_run(runner)
        name_clusters(unwrap(runner.model), checkpoint)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Refuses a checkpoint of another network, and one of other images.

        A run that goes on obeys its config where it differs from the run so far.
        """
        model = unwrap(runner.model)
        training = isinstance(runner._train_loop, EpochBasedTrainLoop)
        if training and not runner._resume and not self.keep_centroids:
            drop_centroids(model, checkpoint)
            return
        goes_on = training and runner._resume
        found = run_differences(runner, checkpoint) if goes_on else []
        try:
            check_loaded(model, checkpoint)
        except InputError as error:
            raise InputError(f'{error}{model_differences(found)}') from error
        if goes_on:
            if self.images == 'same':
                check_images(found)
            obey_config(runner, checkpoint, found)
        lay_out_optimizer(checkpoint, model.memory_format)
