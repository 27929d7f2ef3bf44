"""Scores of every round that need no labels."""

import time

import torch
from mmengine.dist import get_world_size
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmengine.utils import apply_to
from mmseg.registry import HOOKS
from torch import Tensor

from ...checkpoints import convert_label_free_state
from ...errors import InputError, check_least
from ...models import BaseClusteringHead, RoundSegmentor
from ...scores import cluster_agreement
from ..rounds.ema import averaged_weights
from ..rounds.label_free_sample import LabelFreeSample, score_sample
from ..rounds.passes import evaluation_transforms
from ..rounds.run_parts import find_hook, unwrap
from .refit_hook import RefitHook

PREFIX = 'label_free'  # of the scores' names, and the entry of the checkpoint


@HOOKS.register_module()
class LabelFreeScoresHook(Hook):
    """Scores the clusters that predict after each round, on training images.

    The sample is a function of the seed and the same in every round. Scores are in
    percent, higher is meant to be better (:mod:`mmseg_picie.scores.label_free`):

    - ``label_free/view_agreement``: adjusted Rand index of the clusters predicted for
      both views of the round, same pixels;
    - ``label_free/explained_inertia``: 0 for random labels, 100 without inertia;
    - ``label_free/size_entropy``: entropy of the cluster sizes over log K;
    - ``label_free/silhouette``: with the cosine distance;
    - ``label_free/round_agreement``: adjusted Rand index of the clusters of this round
      and of the round before; there is none in the first round;
    - ``label_free/neighbor_agreement``: share of a point's neighbors, by the
      backbone's features before training, in its own cluster, corrected for chance.
      Neighbors are of other images: where these have fewer points, the log warns and
      as many are taken; of one image alone there is no such score.

    They are logged in one line per round and added to the metrics of the validation
    after it, whether that has labels or not. ``CheckpointHook`` selects by one with
    ``save_best='label_free/view_agreement'`` and ``rule='greater'``. It selects after a
    validation, so a config without one is refused (``ClusterStatisticsMetric`` needs no
    labels). No weight, statistic or random draw of the training changes.

    Args:
        num_images: Training images in the sample.
        points_per_image: Cells of each image's embedding.
        num_neighbors: Neighbors of a point in the features before training, at most.
        batch_size: Images per step and process.

    Raises:
        InputError: If a number is out of range.
    """

    # Below RefitHook, which fits the centroids; above those that log and save.
    priority = 'NORMAL'

    def __init__(
        self,
        num_images: int = 64,
        points_per_image: int = 100,
        num_neighbors: int = 10,
        batch_size: int = 16,
    ) -> None:
        for name, value, least in (
            ('num_images', num_images, 2),  # neighbors are of other images
            ('points_per_image', points_per_image, 1),
            ('num_neighbors', num_neighbors, 1),
            ('batch_size', batch_size, 1),
        ):
            check_least(f'LabelFreeScoresHook.{name}', value, least)
        self.num_images = num_images
        self.points_per_image = points_per_image
        self.num_neighbors = num_neighbors
        self.batch_size = batch_size
        self._state: dict | None = None
        self._scores: dict[str, float | None] = {}

    @property
    def scores(self) -> dict[str, float | None]:
        """Those of the last round by name, None where there is none yet."""
        return {name.split('/')[1]: value for name, value in self._scores.items()}

    # --- moments --------------------------------------------------------------

    def before_train(self, runner: Runner) -> None:
        """Draws the sample and keeps its neighbors by the untrained network.

        Raises:
            InputError: If the method clusters and there is no ``RefitHook``, the
                sample has fewer images than there are processes, or a resumed run had
                another sample.
        """
        clusters = isinstance(unwrap(runner.model), RoundSegmentor)
        if clusters and find_hook(runner, RefitHook) is None:
            raise InputError(
                'LabelFreeScoresHook scores the centroids that RefitHook fits: add '
                "refit=dict(type='RefitHook') to default_hooks"
            )
        dataset, processes = runner.train_dataloader.dataset, get_world_size()
        if self.num_images < processes:
            raise InputError(
                f'LabelFreeScoresHook.num_images is {self.num_images}, with '
                f'{processes} processes: raise it to at least one image per process, '
                'or set default_hooks.label_free=None'
            )
        self._sample = LabelFreeSample(
            dataset,
            evaluation_transforms(runner),
            runner.seed,
            self.num_images,
            self.points_per_image,
            self.batch_size,
        )
        drawn_from = [runner.seed, len(dataset), self.num_images, self.points_per_image]
        source = dict(drawn_from=drawn_from, num_neighbors=self.num_neighbors)
        if runner.epoch > 0:
            self._check_state(source)
            return
        model = unwrap(runner.model)
        with torch.random.fork_rng(devices=[]):  # loaders draw a seed
            model.freeze_network()
            neighbors = self._sample.initial_neighbors(model, self.num_neighbors)
        self._state = dict(source=source, neighbors=neighbors, clusters=None)

    def after_train_epoch(self, runner: Runner) -> None:
        """Computes and logs the scores; the checkpoint is written after this."""
        start = time.monotonic()
        model = unwrap(runner.model)
        head = model.decode_head
        with torch.random.fork_rng(devices=[]), averaged_weights(runner):
            model.freeze_network()  # as validation will run it
            scores, clusters = score_sample(
                self._sample.points(model),
                self._sample.view_points(model, runner.epoch),
                self._state['neighbors'],
                lambda points: predicted_clusters(head, points),
                head.num_clusters,
            )
        scores['round_agreement'] = self._round_agreement(clusters, head.num_clusters)
        self._state['clusters'] = clusters
        self._scores = {f'{PREFIX}/{name}': value for name, value in scores.items()}
        self._state['scores'] = self._scores
        known = {k: v for k, v in self._scores.items() if v is not None}
        for name, value in known.items():
            runner.message_hub.update_scalar(f'val/{name}', value)
        listed = ', '.join(f'{k.split("/")[1]} {v:.2f}' for k, v in known.items())
        runner.logger.info(
            f'Label-free scores in percent, {len(clusters)} points: {listed} | '
            f'seconds: {time.monotonic() - start:.1f}'
        )

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Adds the scores of the round to the metrics; None is no score yet."""
        if metrics is not None:
            metrics.update(self._scores)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Stores what later rounds compare with."""
        if self._state is not None:
            checkpoint[PREFIX] = self._state

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Takes it up again where the run goes on."""
        if runner._resume:
            state = convert_label_free_state(checkpoint.get(PREFIX))
            self._state = apply_to(state, lambda x: isinstance(x, Tensor), Tensor.cpu)
            # For a validation that was due when the run was interrupted.
            self._scores = (self._state or {}).get('scores', {})

    def after_train(self, runner: Runner) -> None:
        """Frees the loaders."""
        self._sample = None

    # --- work -----------------------------------------------------------------

    def _round_agreement(self, clusters: Tensor, num_clusters: int) -> float | None:
        before = self._state['clusters']
        if before is None:
            return None
        return cluster_agreement(before, clusters, num_clusters)

    def _check_state(self, source: dict) -> None:
        if self._state is None:
            raise InputError(
                'LabelFreeScoresHook: the checkpoint to resume from was written '
                'without this hook, so the features before training are not known: '
                'set default_hooks.label_free=None, or begin anew'
            )
        if self._state['source'] != source:
            raise InputError(
                f'LabelFreeScoresHook: the checkpoint has a sample of '
                f'{self._state["source"]} (seed, training images, num_images, '
                f'points_per_image), the config says {source}: resume with the '
                'settings the run began with'
            )


@torch.no_grad()
def predicted_clusters(head: BaseClusteringHead, points: Tensor) -> Tensor:
    """Clusters that a head predicts for embeddings, (M, D) -> (M,) int64, CPU."""
    device = head.cluster_to_class.device
    return head(points.T[None, :, :, None].to(device)).argmax(1).flatten().cpu()
