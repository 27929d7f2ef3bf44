"""KMeansLabelHook: when the views are clustered, and how."""

import inspect

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...errors import InputError, check_choice, check_least, did_you_mean
from ...models import RoundSegmentor
from ..rounds.batch_norm import average_batch_norm, batch_norm_in_training
from ..rounds.clustering_passes import cluster_views, count_labels
from ..rounds.ema import find_ema
from ..rounds.passes import pass_size, view_pass
from ..rounds.run_checks import check_moving_statistics
from ..rounds.run_parts import find_hook, unwrap
from ..rounds.stream_clusterer import ClusteringSettings
from .round_hook import RoundHook
from .round_report_hook import round_report

BATCH_NORMS = ('eval', 'train')
CLUSTER_SIZES = ('clustering', 'labels')
CENTROID_SETS = ('views', 'shared')


@HOOKS.register_module()
class KMeansLabelHook(Hook):
    """Fits the centroids that label a round, before its epoch (PiCIE, section 3).

    It freezes a copy of the network and clusters the views' pixels as that copy embeds
    them; the copy then labels the training batches. ``RoundHook`` has to be there; it
    tells the round that all draws depend on.

    Args:
        batch_size: Images per clustering step and process; by default that of
            training. No gradient is kept, so it may be larger.
        num_workers: Loader workers of the clustering passes; by default those of
            training.
        interval: Rounds from one clustering to the next; 1 (default, as released)
            clusters in every round. In the rounds between, pixels keep the old
            centroids and are labeled by the network as it is by then; a learned
            classifier (``ClassifierHead``) goes on.
        batch_norm: How BatchNorm runs while the views are clustered: 'eval' (default)
            or 'train' (released last, docs/reference.md R6): by the statistics of each
            batch, while the running ones move; the copy that labels is made after that.
        cluster_size_from: Where the loss has its cluster sizes from: the points that
            each cluster took in the clustering ('clustering', default) or one more
            pass that counts labels under the final centroids ('labels'; released,
            docs/reference.md R4).
        centroid_sets: One set of centroids for each view ('views', default) or one
            for the pixels of both ('shared'; PiCIE's ablation).
        **settings: Fields of :class:`~mmseg_picie.engine.ClusteringSettings`: how
            k-means runs, and what of the images it sees. ``RefitHook`` takes the same.

    Raises:
        InputError: If an option is unknown or out of range.
    """

    # Below RoundHook and RefitHook; above the timer, whose first iteration would else
    # hold the clustering pass.
    priority = 40

    def __init__(
        self,
        batch_size: int | None = None,
        num_workers: int | None = None,
        interval: int = 1,
        batch_norm: str = 'eval',
        cluster_size_from: str = 'clustering',
        centroid_sets: str = 'views',
        **settings,
    ) -> None:
        for name, value, allowed in (
            ('batch_norm', batch_norm, BATCH_NORMS),
            ('cluster_size_from', cluster_size_from, CLUSTER_SIZES),
            ('centroid_sets', centroid_sets, CENTROID_SETS),
        ):
            check_choice(f'KMeansLabelHook.{name}', value, allowed)
        check_least('KMeansLabelHook.batch_size', batch_size, 1)
        check_least('KMeansLabelHook.interval', interval, 1)
        self.settings = _settings(settings)
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.interval = interval
        self.batch_norm = batch_norm
        self.cluster_size_from = cluster_size_from
        self.centroid_sets = centroid_sets

    def before_train(self, runner: Runner) -> None:
        """Opens the pass over the views.

        Raises:
            InputError: If the run lacks what the clustering needs.
        """
        if find_hook(runner, RoundHook) is None:
            raise InputError(
                'KMeansLabelHook needs to be told the round: add '
                "round=dict(type='RoundHook') to default_hooks"
            )
        if self.batch_norm == 'train':
            check_moving_statistics(unwrap(runner.model))
        loader = runner.train_dataloader
        size = pass_size(loader, self.batch_size, self.num_workers)
        self._views = view_pass(loader.dataset, *size, self.settings.image_share)

    def before_train_epoch(self, runner: Runner) -> None:
        """Freezes the network and clusters the views with it."""
        model, key = unwrap(runner.model), (runner.seed, runner.epoch)
        model.freeze_network()
        if runner.epoch % self.interval:
            return
        report = round_report(runner)
        self._draw_anew(runner, model, key)
        with report.timed('cluster'):
            for name, kmeans in self._cluster(model, key).items():
                report.add(name, kmeans)
        if self.cluster_size_from == 'labels':
            with report.timed('count'):
                count_labels(model, self._views, key)

    def after_train(self, runner: Runner) -> None:
        """Frees the loader's workers."""
        self._views = None

    def _draw_anew(
        self, runner: Runner, model: RoundSegmentor, key: tuple[int, int]
    ) -> None:
        """Draws what a model learns of one clustering, in its average as well."""
        ema = find_ema(runner)
        if ema is not None:
            ema.ema_model.module.begin_round(*key)
        for parameter in model.begin_round(*key):
            runner.optim_wrapper.optimizer.state.pop(parameter, None)

    def _cluster(self, model: RoundSegmentor, key: tuple[int, int]) -> dict:
        arguments = model, self._views, key, self.settings
        shared = self.centroid_sets == 'shared'
        if self.batch_norm == 'eval':
            return cluster_views(*arguments, model.frozen_views, shared)
        with batch_norm_in_training(model):
            fitted = cluster_views(*arguments, model.trained_views, shared)
        average_batch_norm(model)
        model.freeze_network()  # with the statistics as they are now
        return fitted


def _settings(options: dict) -> ClusteringSettings:
    known = ClusteringSettings.__dataclass_fields__
    unknown = sorted(options.keys() - known.keys())
    if unknown:
        names = [*known, *inspect.signature(KMeansLabelHook).parameters]
        said = ', '.join(name + did_you_mean(name, names) for name in unknown)
        raise InputError(
            f'KMeansLabelHook has no {said}; besides its own arguments '
            f'it takes {sorted(known)}'
        )
    try:
        return ClusteringSettings(**options)
    except InputError as error:
        raise InputError(f'KMeansLabelHook.{error}') from error
