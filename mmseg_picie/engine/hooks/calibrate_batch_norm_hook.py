"""CalibrateBatchNormHook: statistics of BatchNorm for a network without any."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...views import round_clock
from ..rounds.batch_norm import calibrate_batch_norm
from ..rounds.clustering_passes import view_images
from ..rounds.passes import pass_size, view_pass
from ..rounds.run_parts import find_hook, unwrap
from .kmeans_label_hook import KMeansLabelHook
from .round_report_hook import round_report


@HOOKS.register_module()
class CalibrateBatchNormHook(Hook):
    """Sets BatchNorm statistics from the views before the first round.

    For training from scratch: a network with its initial statistics (mean 0,
    variance 1) embeds all pixels nearly alike, and the first clusters are noise.
    Pretrained weights bring statistics, so they need no such hook. The pass is as large
    as those of ``KMeansLabelHook``.
    """

    # Above InitialProjectionHook, whose axes follow from the statistics.
    priority = 'ABOVE_NORMAL'

    def before_train(self, runner: Runner) -> None:
        """Visits the views once, unless a run is resumed after its first round."""
        if runner.epoch > 0:
            return
        kmeans = find_hook(runner, KMeansLabelHook) or KMeansLabelHook()
        loader, key = runner.train_dataloader, (runner.seed, 0)
        size = pass_size(loader, kmeans.batch_size, kmeans.num_workers)
        views = view_pass(loader.dataset, *size, kmeans.settings.image_share)
        round_clock.set(*key)
        model = unwrap(runner.model)
        with round_report(runner).timed('calibrate'):
            images = view_images(model, views, key, 'calibrating BatchNorm')
            calibrate_batch_norm(model, images)
