"""RefitHook: when the centroids that predict are fitted, and on what."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...errors import InputError, check_choice, check_least
from ...models import ClassifierHead, TrainedSegmentor
from ..loops import trains
from ..rounds.clustering_passes import cluster_images
from ..rounds.ema import averaged_weights, copy_buffers_to_ema
from ..rounds.passes import pass_size, refit_pass
from ..rounds.run_parts import find_hook, unwrap
from .kmeans_label_hook import KMeansLabelHook
from .round_report_hook import round_report, rounds_trained

EVAL_CENTROIDS = ('refit', 'view1')
IMAGES = ('train', 'val')


@HOOKS.register_module()
class RefitHook(Hook):
    """Fits the centroids that predict, after each epoch (PiCIE, section 3).

    They are fitted with the network as it is then (with its averaged weights under
    EMAHook) and by the settings of ``KMeansLabelHook``, before the checkpoint is
    written. So a checkpoint, the validation after it and a later test agree.

    With ``KMeansLabelHook.warm_start`` it also makes the first clustering of a run,
    that of the plain images, for all heads: the clusterings of the views go on from it.

    Args:
        eval_centroids: Which centroids predict: 'refit' (default) or 'view1', those
            of view 1 from the last clustering before the epoch (released,
            docs/reference.md R9).
        batch_size: Images per step and process; by default that of
            ``KMeansLabelHook``. Images of one size pass the network together.
        images: Which images are visited: those of training ('train', default) or all
            of validation ('val'; released for MDC, docs/reference.md R12).
        kmeans: Options of ``KMeansLabelHook`` to cluster by, for a method that learns
            without clusterings and has no such hook; ``dict()`` for its defaults. None
            (default): those of the run's ``KMeansLabelHook``.

    Raises:
        InputError: If an option is unknown.
    """

    # Between RoundHook and KMeansLabelHook, which goes on from its first clustering.
    priority = 38

    def __init__(
        self,
        eval_centroids: str = 'refit',
        batch_size: int | None = None,
        images: str = 'train',
        kmeans: dict | None = None,
    ) -> None:
        check_choice('RefitHook.eval_centroids', eval_centroids, EVAL_CENTROIDS)
        check_choice('RefitHook.images', images, IMAGES)
        check_least('RefitHook.batch_size', batch_size, 1)
        self.eval_centroids = eval_centroids
        self.batch_size = batch_size
        self.images = images
        self.kmeans = None if kmeans is None else KMeansLabelHook(**kmeans)

    @property
    def refits(self) -> bool:
        """Whether the centroids that predict are fitted on plain images."""
        return self.eval_centroids == 'refit'

    def before_train(self, runner: Runner) -> None:
        """Opens the pass over plain images.

        Raises:
            InputError: If the run lacks what the refit needs.
        """
        kmeans = self._kmeans(runner)
        self._check(runner)
        _check_shared_ids(unwrap(runner.model), kmeans, self)
        self._settings = kmeans.settings
        if self.refits:
            self._plain = self.open_pass(runner, kmeans)

    def _kmeans(self, runner: Runner) -> KMeansLabelHook:
        """Whose settings to cluster by."""
        found = find_hook(runner, KMeansLabelHook)
        if found is None and self.kmeans is None:
            raise InputError(
                'RefitHook clusters by the settings of KMeansLabelHook: add '
                "kmeans=dict(type='KMeansLabelHook') to default_hooks or, for a method "
                'that learns without clusterings, set default_hooks.refit.kmeans=dict()'
            )
        if found is not None and self.kmeans is not None:
            raise InputError(
                'RefitHook.kmeans is for runs without KMeansLabelHook, and this run '
                'has one: put its options into default_hooks.kmeans'
            )
        return found or self.kmeans

    def open_pass(self, runner: Runner, kmeans: KMeansLabelHook):
        """The pass over the images that are clustered for prediction."""
        batch_size = self.batch_size or kmeans.batch_size
        size = pass_size(runner.train_dataloader, batch_size, kmeans.num_workers)
        return refit_pass(runner, self.images, *size, kmeans.settings.image_share)

    def before_train_epoch(self, runner: Runner) -> None:
        """Makes the clustering of plain images that a warm start goes on from."""
        model = unwrap(runner.model)
        fitted = model.decode_head.is_fitted
        if not self._settings.warm_start or not self.refits or fitted:
            return
        report, key = round_report(runner), (runner.seed, runner.epoch)
        with report.timed('initial'):
            heads = model.clustering_heads
            first, *others = self._cluster(runner, key, heads).values()
            heads[0].set_eval_clusters(
                first.centroids, first.cluster_size, num_rounds=runner.epoch
            )
            for head, kmeans in zip(heads[1:], others, strict=True):
                head.set_view_clusters(
                    kmeans.centroids[None], kmeans.cluster_size[None]
                )
        report.add('initial', first)

    def after_train_epoch(self, runner: Runner) -> None:
        """Fits the centroids that predict, or takes those of view 1."""
        model, num_rounds = unwrap(runner.model), rounds_trained(runner)
        head, report = model.decode_head, round_report(runner)
        if self.refits:
            with report.timed('refit'):
                key = runner.seed, num_rounds
                ((name, kmeans),) = self._cluster(runner, key, [head]).items()
                head.set_eval_clusters(
                    kmeans.centroids, kmeans.cluster_size, num_rounds
                )
            report.add(name, kmeans)
        else:
            head.set_eval_clusters(head.centroids[0], head.cluster_sizes[0], num_rounds)
        copy_buffers_to_ema(runner, model)

    def after_train(self, runner: Runner) -> None:
        """Frees the loader's workers."""
        self._plain = None

    def _cluster(self, runner: Runner, key: tuple[int, int], heads: list) -> dict:
        model = unwrap(runner.model)
        with averaged_weights(runner):
            model.freeze_network()
        return cluster_images(model, self._plain, key, self._settings, heads)

    def _check(self, runner: Runner) -> None:
        if self.images == 'val' and (not self.refits or not runner.val_loop):
            raise InputError(
                f"RefitHook.images='val' needs eval_centroids='refit', got "
                f'{self.eval_centroids!r}, and a val_dataloader in the config'
            )
        if trains(runner.train_loop):
            return
        if not self.refits:
            raise InputError(
                f'RefitHook.eval_centroids={self.eval_centroids!r} needs a round of '
                "training, and train_cfg.type is ClusterOnlyLoop: use 'refit'"
            )
        head = unwrap(runner.model).decode_head
        if isinstance(head, ClassifierHead) and head.predict_by == 'classifier':
            raise InputError(
                "decode_head.predict_by='classifier' needs a round of training, and "
                "train_cfg.type is ClusterOnlyLoop: use 'centroids'"
            )


def _check_shared_ids(
    model: TrainedSegmentor, kmeans: KMeansLabelHook, refit: RefitHook
) -> None:
    descended = kmeans.settings.warm_start and refit.refits
    if model.needs_shared_ids and not (descended or kmeans.centroid_sets == 'shared'):
        raise InputError(
            'model.label_agreement compares the ids of two clusterings, whose numbers '
            'mean the same only where both go on from one or are one: set '
            "KMeansLabelHook.warm_start=True with RefitHook.eval_centroids='refit', or "
            "KMeansLabelHook.centroid_sets='shared'"
        )
