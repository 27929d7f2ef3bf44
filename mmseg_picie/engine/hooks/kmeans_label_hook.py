"""When to cluster; what clustering is lives in ``clustering/``."""

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmseg.registry import HOOKS

from ...checkpoints import (
    check_loaded,
    drop_centroids,
    lay_out_optimizer,
    name_clusters,
)
from ...errors import InputError
from ...models import PiCIE
from ...views import process_seed, round_clock
from ..rounds.batch_norm import (
    average_batch_norm,
    batch_norm_in_training,
    calibrate_batch_norm,
)
from ..rounds.clustering_passes import (
    cluster_images,
    cluster_views,
    count_labels,
    view_images,
)
from ..rounds.distributed import unwrap
from ..rounds.ema import averaged_weights, copy_buffers_to_ema, find_ema
from ..rounds.passes import refit_pass, view_pass
from ..rounds.round_report import RoundReport
from ..rounds.run_checks import check_run
from ..rounds.stream_clusterer import ClusteringOptions

EVAL_CENTROIDS = ('refit', 'view1')
REFIT_IMAGES = ('train', 'val')
BATCH_NORMS = ('eval', 'train')
CLUSTER_SIZES = ('clustering', 'labels')
CENTROID_SETS = ('views', 'shared')


@HOOKS.register_module()
class KMeansLabelHook(Hook):
    """Runs PiCIE's rounds: cluster, freeze, train, refit (PiCIE, section 3).

    Before each epoch: tells the loader workers the round, freezes a copy of the
    network and clusters the views' pixels with it; the copy then labels the training
    batches. After each epoch, above ``CheckpointHook``: averages BatchNorm statistics
    over processes and fits the centroids that predict, on un-augmented training
    images, so that a checkpoint, the validation after it and a later test agree.

    Args:
        batch_size: Images per clustering step and process; by default that of
            training. No gradient is kept, so it may be larger.
        num_workers: Loader workers of the clustering passes; by default those of
            training.
        interval: Rounds from one clustering to the next; 1 (default, as released)
            clusters in every round. In the rounds between, pixels keep the old
            centroids and are labeled by the network as it is by then; a learned
            classifier (``ClassifierHead``) goes on.
        calibrate_batch_norm: Whether BatchNorm statistics are set from the views (of
            ``image_share`` of the images) before the first round. For training from
            scratch: a network with its initial statistics (0, 1) embeds all pixels
            nearly alike, and the first clusters are noise. Pretrained weights bring
            statistics.
        eval_centroids: Which centroids predict: 'refit' (default) or 'view1', those
            of view 1 from the last clustering before the epoch (released,
            docs/reference.md R9).
        refit_batch_size: Images per refit step and process; by default
            ``batch_size``. Images of unequal size pass one by one.
        refit_images: Which images the refit visits: those of training ('train',
            default) or all of validation ('val'; released for MDC, docs/reference.md
            R12).
        batch_norm: How BatchNorm runs while the views are clustered: 'eval' (default)
            or 'train' (released last, docs/reference.md R6): by the statistics of each
            batch, while the running ones move; the copy that labels is made after that.
        cluster_size_from: Where the loss has its cluster sizes from: the points that
            each cluster took in the clustering ('clustering', default) or one more
            pass that counts labels under the final centroids ('labels'; released,
            docs/reference.md R4).
        centroid_sets: One set of centroids for each view ('views', default) or one
            for the pixels of both ('shared'; PiCIE's ablation).
        **options: Fields of :class:`~mmseg_picie.engine.stream_clusterer.
            ClusteringOptions`.

    Raises:
        InputError: If an option is unknown.
    """

    # Above the timer, whose first iteration would else hold the clustering pass.
    priority = 'ABOVE_NORMAL'

    def __init__(
        self,
        batch_size: int | None = None,
        num_workers: int | None = None,
        interval: int = 1,
        calibrate_batch_norm: bool = False,
        eval_centroids: str = 'refit',
        refit_batch_size: int | None = None,
        refit_images: str = 'train',
        batch_norm: str = 'eval',
        cluster_size_from: str = 'clustering',
        centroid_sets: str = 'views',
        **options,
    ) -> None:
        for name, value, allowed in (
            ('eval_centroids', eval_centroids, EVAL_CENTROIDS),
            ('refit_images', refit_images, REFIT_IMAGES),
            ('batch_norm', batch_norm, BATCH_NORMS),
            ('cluster_size_from', cluster_size_from, CLUSTER_SIZES),
            ('centroid_sets', centroid_sets, CENTROID_SETS),
        ):
            if value not in allowed:
                raise InputError(
                    f'KMeansLabelHook.{name} must be one of {allowed}, got {value!r}'
                )
        try:
            self.options = ClusteringOptions(**options)
        except TypeError as error:
            raise InputError(
                f'KMeansLabelHook: {error}; besides its own arguments it takes '
                f'{sorted(ClusteringOptions.__dataclass_fields__)}'
            ) from None
        for name, count in dict(
            batch_size=batch_size, refit_batch_size=refit_batch_size, interval=interval
        ).items():
            if count is not None and count < 1:
                raise InputError(f'KMeansLabelHook.{name} must be >= 1, got {count}')
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.interval = interval
        self.calibrate_batch_norm = calibrate_batch_norm
        self.eval_centroids = eval_centroids
        self.refit_batch_size = refit_batch_size
        self.refit_images = refit_images
        self.batch_norm = batch_norm
        self.cluster_size_from = cluster_size_from
        self.centroid_sets = centroid_sets
        self._report = RoundReport()
        self._in_round = False

    # --- moments --------------------------------------------------------------

    def before_train(self, runner: Runner) -> None:
        """Checks that the run has rounds and opens the passes."""
        check_run(
            runner,
            self.eval_centroids,
            self.refit_images,
            self.batch_norm,
            self.calibrate_batch_norm,
            shared_ids=self.centroid_sets == 'shared'
            or (self.options.warm_start and self.eval_centroids == 'refit'),
        )
        loader = runner.train_dataloader
        batch_size = self.batch_size or loader.batch_sampler.batch_size
        workers = self.num_workers
        workers = loader.num_workers if workers is None else workers
        share = self.options.image_share
        self._views = view_pass(loader.dataset, batch_size, workers, share)
        if self.eval_centroids == 'refit':
            self._plain = refit_pass(
                runner,
                self.refit_images,
                self.refit_batch_size or batch_size,
                workers,
                share,
            )
        if self.calibrate_batch_norm and runner.epoch == 0:
            with self._report.timed('calibrate'):
                self._calibrate(runner, unwrap(runner.model))

    def before_train_epoch(self, runner: Runner) -> None:
        """Clusters the views; the frozen network is what labels this round.

        With ``warm_start`` the first clustering of a run is that of the plain images.
        """
        key = runner.seed, runner.epoch
        round_clock.set(*key)
        model = unwrap(runner.model)
        refit = self.eval_centroids == 'refit'
        if self.options.warm_start and refit and not model.decode_head.is_fitted:
            with self._report.timed('start'):
                self._refit(runner, model, key, 'start')
        model.freeze_network()
        if runner.epoch % self.interval == 0:
            self._draw_anew(runner, model, key)
            with self._report.timed('cluster'):
                self._cluster_views(model, key)
            if self.cluster_size_from == 'labels':
                with self._report.timed('count'):
                    count_labels(model, self._views, key)
        self._in_round = True
        self._report.start('train')

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch=None
    ) -> None:
        """Keys what the network draws itself by the round.

        Dropout and stochastic depth take the global generator. Seeded at the first
        step, when loaders have drawn from it what they need, a resumed run draws what
        the uninterrupted one does.
        """
        if batch_idx == 0:
            torch.manual_seed(process_seed(runner.seed, runner.epoch, get_rank()))

    def after_train_epoch(self, runner: Runner) -> None:
        """Fits the centroids that predict and reports the round in one line."""
        # ClusterOnlyLoop ends an epoch in which nothing was trained.
        model, trained = unwrap(runner.model), self._in_round
        self._in_round = False
        num_rounds = runner.epoch + trained
        if trained:
            self._report.stop('train')
        average_batch_norm(model)
        if self.eval_centroids == 'view1':
            head = model.decode_head
            head.set_eval_clusters(head.centroids1, head.cluster_size1, num_rounds)
        else:
            with self._report.timed('refit'):
                self._refit(runner, model, (runner.seed, num_rounds), 'evaluation')
        copy_buffers_to_ema(runner, model)
        runner.logger.info(self._report.line(num_rounds, runner.max_epochs))

    def after_train(self, runner: Runner) -> None:
        """Frees the frozen copy and the loaders' workers."""
        unwrap(runner.model).drop_frozen()
        self._views = self._plain = None

    def before_val(self, runner: Runner) -> None:
        """Validation leaves its matching in the work directory."""
        keep_matching(runner.val_loop.evaluator.metrics, runner.work_dir)

    def before_test(self, runner: Runner) -> None:
        """A test leaves it beside its log: the work directory may be a training's."""
        keep_matching(runner.test_loop.evaluator.metrics, runner.log_dir)

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Names the predicted ids for what they are."""
        name_clusters(unwrap(runner.model), checkpoint)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Refuses a checkpoint of another network; a start takes no centroids."""
        model = unwrap(runner.model)
        training = isinstance(runner._train_loop, EpochBasedTrainLoop)
        if training and not runner._resume:
            drop_centroids(model, checkpoint)
            return
        check_loaded(model, checkpoint)
        lay_out_optimizer(checkpoint, model.memory_format)

    # --- work -----------------------------------------------------------------

    def _calibrate(self, runner: Runner, model: PiCIE) -> None:
        key = runner.seed, 0
        round_clock.set(*key)
        calibrate_batch_norm(
            model, view_images(model, self._views, key, 'calibrating BatchNorm')
        )

    def _draw_anew(self, runner: Runner, model: PiCIE, key: tuple[int, int]) -> None:
        """Starts what a model learns of one clustering, in its average as well."""
        ema = find_ema(runner)
        if ema is not None:
            ema.ema_model.module.start_round(*key)
        for parameter in model.start_round(*key):
            runner.optim_wrapper.optimizer.state.pop(parameter, None)

    def _cluster_views(self, model: PiCIE, key: tuple[int, int]) -> None:
        options = self._views, key, self.options
        shared = self.centroid_sets == 'shared'
        if self.batch_norm == 'eval':
            fitted = cluster_views(model, *options, model.frozen_embed_views, shared)
        else:
            with batch_norm_in_training(model):
                fitted = cluster_views(model, *options, model.embed_views, shared)
            average_batch_norm(model)
            model.freeze_network()  # with the statistics as they are now
        for name, kmeans in fitted.items():
            self._report.add(name, kmeans)

    def _refit(
        self, runner: Runner, model: PiCIE, key: tuple[int, int], name: str
    ) -> None:
        with averaged_weights(runner):
            model.freeze_network()
        kmeans = cluster_images(model, self._plain, key, self.options)
        model.decode_head.set_eval_clusters(
            kmeans.centroids, kmeans.cluster_size, num_rounds=key[1]
        )
        self._report.add(name, kmeans)


def keep_matching(metrics: list, folder: str) -> None:
    """Tells metrics that write files, and were not told where, to write them here."""
    for metric in metrics:
        if getattr(metric, 'output_dir', '') is None:
            metric.output_dir = folder
