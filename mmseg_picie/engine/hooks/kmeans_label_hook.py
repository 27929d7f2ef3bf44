"""When to cluster; what clustering is lives in ``clustering/``."""

import torch
from mmengine.dist import get_rank
from mmengine.hooks import EMAHook, Hook
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmseg.registry import HOOKS
from torch import Tensor, nn

from ...models import ClusteringHead, PiCIE
from ...models.points import split_points
from ...views import process_seed, round_clock
from ..batch_norm import average_batch_norm, calibrate_batch_norm
from ..checkpoints import (
    check_loaded,
    drop_centroids,
    lay_out_optimizer,
    name_clusters,
)
from ..distributed import unwrap
from ..passes import ImagePass, images_by_shape, plain_pass, test_transforms, view_pass
from ..round_report import RoundReport
from ..run_checks import check_run
from ..stream_clusterer import ClusteringOptions, StreamClusterer

EVAL_CENTROIDS = ('refit', 'view1')


@HOOKS.register_module()
class KMeansLabelHook(Hook):
    """Runs PiCIE's rounds: cluster, freeze, train, refit (PiCIE, section 3).

    Before each epoch: tells the loader workers the round, freezes a copy of the
    network and clusters both views' pixels with it; the copy then labels the training
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
            centroids and are labelled by the network as it is by then.
        calibrate_batch_norm: Whether BatchNorm statistics are set from the views (of
            ``image_share`` of the images) before the first round. For training from
            scratch: a network with its initial statistics (0, 1) embeds all pixels
            nearly alike, and the first clusters are noise. Pretrained weights bring
            statistics.
        eval_centroids: Which centroids predict: 'refit' (default) or 'view1', those
            of view 1 from the last clustering before the epoch (released, picie.md R9).
        refit_batch_size: Images per refit step and process; by default
            ``batch_size``. Images of unequal size pass one by one.
        **options: Fields of :class:`~mmseg_picie.engine.stream_clusterer.
            ClusteringOptions`.

    Raises:
        ValueError: If an option is unknown.
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
        **options,
    ) -> None:
        if eval_centroids not in EVAL_CENTROIDS:
            raise ValueError(
                f'eval_centroids must be one of {EVAL_CENTROIDS}, got '
                f'{eval_centroids!r}'
            )
        try:
            self.options = ClusteringOptions(**options)
        except TypeError as error:
            raise ValueError(
                f'KMeansLabelHook: {error}; besides its own arguments it takes '
                f'{sorted(ClusteringOptions.__dataclass_fields__)}'
            ) from None
        for name, count in dict(
            batch_size=batch_size, refit_batch_size=refit_batch_size, interval=interval
        ).items():
            if count is not None and count < 1:
                raise ValueError(f'KMeansLabelHook.{name} must be >= 1, got {count}')
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.interval = interval
        self.calibrate_batch_norm = calibrate_batch_norm
        self.eval_centroids = eval_centroids
        self.refit_batch_size = refit_batch_size
        self._report = RoundReport()
        self._in_round = False

    # --- moments --------------------------------------------------------------

    def before_train(self, runner: Runner) -> None:
        """Checks that the run has rounds and opens the passes."""
        check_run(runner, self.eval_centroids)
        loader = runner.train_dataloader
        batch_size = self.batch_size or loader.batch_sampler.batch_size
        workers = self.num_workers
        workers = loader.num_workers if workers is None else workers
        share = self.options.image_share
        self._views = view_pass(loader.dataset, batch_size, workers, share)
        if self.eval_centroids == 'refit':
            self._plain = plain_pass(
                loader.dataset,
                test_transforms(runner),
                self.refit_batch_size or batch_size,
                workers,
                'fitting evaluation centroids',
                share,
            )
        if self.calibrate_batch_norm and runner.epoch == 0:
            with self._report.timed('calibrate'):
                self._calibrate(runner, unwrap(runner.model))

    def before_train_epoch(self, runner: Runner) -> None:
        """Clusters both views; the frozen network is what labels this round."""
        round_clock.set(runner.seed, runner.epoch)
        model = unwrap(runner.model)
        model.freeze_network()
        if runner.epoch % self.interval == 0:
            with self._report.timed('cluster'):
                self._cluster_views(model, (runner.seed, runner.epoch))
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
                self._refit(runner, model, (runner.seed, num_rounds))
        self._copy_buffers_to_ema(runner, model)
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
        round_clock.set(runner.seed, 0)
        batches = self._views.run((runner.seed, 0), 'calibrating BatchNorm')
        inputs = (
            model.data_preprocessor(batch, True)['inputs'] for _, batch in batches
        )
        calibrate_batch_norm(
            model,
            (views[name] for views in inputs for name in ('view1', 'view2') if views),
        )

    def _cluster_views(self, model: PiCIE, key: tuple[int, int]) -> None:
        heads = model.clustering_heads
        clusterers = [
            [self._clusterer(head, self._views, key) for _ in range(2)]
            for head in heads
        ]
        for indices, batch in self._views.run(key):
            inputs = model.data_preprocessor(batch, True)['inputs']
            views: tuple = ([], [])
            if inputs:
                maps = model.frozen_embed_views(inputs)
                views = tuple(split_points(z, inputs.get('ignore')) for z in maps)
            for pair in clusterers:
                for clusterer, images in zip(pair, views, strict=True):
                    clusterer.update(images, indices, self._views.images_per_step)
        for head, pair in zip(heads, clusterers, strict=True):
            clusters = [clusterer.finish() for clusterer in pair]
            head.set_view_clusters(
                tuple(kmeans.centroids for kmeans in clusters),
                tuple(kmeans.cluster_size for kmeans in clusters),
            )
            of = '' if head is model.decode_head else f' of {head.num_clusters}'
            for name, kmeans in zip(('view1', 'view2'), clusters, strict=True):
                self._report.add(name + of, kmeans)

    def _refit(self, runner: Runner, model: PiCIE, key: tuple[int, int]) -> None:
        ema = find_ema(runner)
        # EMAHook's own moments around validation are the swap, with its own rule of
        # when averaging has begun.
        if ema is not None:
            ema.before_val_epoch(runner)
        model.freeze_network()
        if ema is not None:
            ema.after_val_epoch(runner)
        clusterer = self._clusterer(model.decode_head, self._plain, key)
        for indices, samples in self._plain.run(key):
            points: list[Tensor | None] = [None] * len(samples)
            for positions, images, ignore in images_by_shape(
                samples, model.data_preprocessor
            ):
                parts = split_points(model.frozen_embed(images), ignore)
                for position, part in zip(positions, parts, strict=True):
                    points[position] = part
            clusterer.update(points, indices, self._plain.images_per_step)
        kmeans = clusterer.finish()
        model.decode_head.set_eval_clusters(
            kmeans.centroids, kmeans.cluster_size, num_rounds=key[1]
        )
        self._report.add('evaluation', kmeans)

    def _clusterer(
        self, head: ClusteringHead, images: ImagePass, key: tuple[int, int]
    ) -> StreamClusterer:
        return StreamClusterer(head.num_clusters, images.num_images, self.options, key)

    def _copy_buffers_to_ema(self, runner: Runner, model: PiCIE) -> None:
        """EMAHook copies buffers in iterations only; ours change after the last."""
        ema = find_ema(runner)
        if ema is None:
            return
        source, target = model, ema.ema_model.module
        if ema.ema_model.update_buffers:  # averages BatchNorm itself
            source, target = (
                nn.ModuleList(part.clustering_heads) for part in (source, target)
            )
        for old, new in zip(target.buffers(), source.buffers(), strict=True):
            old.copy_(new)


def find_ema(runner: Runner) -> EMAHook | None:
    """The run's EMAHook, if it has one."""
    return next((hook for hook in runner.hooks if isinstance(hook, EMAHook)), None)


def keep_matching(metrics: list, folder: str) -> None:
    """Tells metrics that write files, and were not told where, to write them here."""
    for metric in metrics:
        if getattr(metric, 'output_dir', '') is None:
            metric.output_dir = folder
