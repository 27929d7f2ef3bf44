"""Starts the embedding from what the pretrained backbone knows."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...errors import InputError, check_least
from ...models import LateralSumFPN, MultiLevelPCA
from ..rounds.feature_pca import fit_pca
from ..rounds.run_parts import unwrap


@HOOKS.register_module()
class InitialProjectionHook(Hook):
    """Sets the neck's weights so that training begins at the backbone's main axes.

    A random neck throws pretrained features away: the first clusters, which the
    network then confirms, are those of a random projection. This hook makes the first
    embedding the PCA of the backbone's levels, each at equal total variance
    (``MultiLevelPCA``, fitted on the un-augmented training images), so the first
    clusters are those of the pretrained features; all weights stay trainable. A neck
    that a checkpoint brought (resume or ``load_from``) stays as it is.

    Args:
        levels: How many of the backbone's levels are projected, finest first; the
            laterals of the others are 0 at first. By default all.
        batch_size: Images per step and process; by default that of training.

    Raises:
        InputError: If ``levels`` < 1.
    """

    # Below CalibrateBatchNormHook: the axes follow from the statistics it sets.
    priority = 'NORMAL'

    def __init__(
        self, levels: int | None = None, batch_size: int | None = None
    ) -> None:
        check_least('InitialProjectionHook.levels', levels, 1)
        self.levels = levels
        self.batch_size = batch_size
        self._neck_loaded = False

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Remembers whether the checkpoint has the laterals, in their shapes."""
        state = checkpoint['state_dict']
        shapes = {name.removeprefix('module.'): v.shape for name, v in state.items()}
        self._neck_loaded = all(
            shapes.get(name) == value.shape
            for name, value in unwrap(runner.model).state_dict().items()
            if name.startswith('neck.laterals.')
        )

    def before_train(self, runner: Runner) -> None:
        """Fits the axes and sets the neck, unless a checkpoint brought it.

        Raises:
            InputError: If the neck is no ``LateralSumFPN``, or has fewer levels.
        """
        neck = unwrap(runner.model).neck if unwrap(runner.model).with_neck else None
        if not isinstance(neck, LateralSumFPN):
            raise InputError(
                'InitialProjectionHook needs model.neck.type=LateralSumFPN, got '
                f'{type(neck).__name__}'
            )
        levels = self.levels or len(neck.in_channels)
        if levels > len(neck.in_channels):
            raise InputError(
                f'InitialProjectionHook.levels is {levels}, but '
                f'model.neck.in_channels has {len(neck.in_channels)} levels'
            )
        if self._neck_loaded:
            runner.logger.info(
                'InitialProjectionHook: the neck is that of the checkpoint'
            )
            return
        channels = neck.in_channels[:levels]
        axes = min(neck.out_channels, sum(channels))
        pca = MultiLevelPCA(channels, axes).to(neck.laterals[0].weight.device)
        fit_pca(runner, pca, self.batch_size)
        neck.set_initial_projection(pca.mean, pca.projection)
