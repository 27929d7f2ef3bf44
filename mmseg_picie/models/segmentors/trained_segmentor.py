"""What training asks of a segmentor, whether or not it clusters."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from ...errors import InputError
from ...views import warp
from .cluster_segmentor import ClusterSegmentor


class TrainedSegmentor(ClusterSegmentor):
    """A segmentor that is trained without labels, in rounds of one epoch.

    The hooks of a round call :meth:`round_begins`, in every training step :meth:`loss`,
    and :meth:`round_ends`. To score clusters without labels they freeze a copy of the
    network (:meth:`freeze_network`) and embed with it.

    A method that clusters is a ``RoundSegmentor``. Any other is a subclass of this
    one: it says in :meth:`batch_losses` what it learns of a batch, and in
    :meth:`empty_losses` what a process without samples adds to a step.

    Args:
        frozen_backbone: Whether the backbone stays as it is, weights and statistics of
            BatchNorm, and the neck alone learns. There is then no backward pass through
            it, and no copy of it. False (default): all is trained.
        **kwargs: Arguments of :class:`ClusterSegmentor`.

    Raises:
        InputError: If the backbone is frozen and there is no neck to train.

    Attributes:
        clustered_views: Names of the views that the network is trained on.
        needs_shared_ids: Whether a cluster id has to mean the same in all views.
    """

    clustered_views: tuple[str, ...] = ('view1', 'view2')
    needs_shared_ids = False

    def __init__(self, frozen_backbone: bool = False, **kwargs) -> None:
        super().__init__(**kwargs)
        if frozen_backbone and not self.with_neck:
            raise InputError(
                'model.frozen_backbone=True leaves the neck to be trained, and '
                'model.neck is None: add one, or set frozen_backbone=False'
            )
        self.frozen_backbone = frozen_backbone
        if frozen_backbone:
            self.backbone.requires_grad_(False)
        # A tuple hides the copy from the module tree: it must not appear in the
        # state dict, the parameters, DDP, EMA or the optimizer.
        self._frozen: tuple[nn.Module, ...] = ()

    def train(self, mode: bool = True) -> 'TrainedSegmentor':
        """As of any module; a frozen backbone stays in evaluation mode."""
        super().train(mode)
        if self.frozen_backbone:
            self.backbone.eval()
        return self

    @property
    def clustering_heads(self) -> list[nn.Module]:
        """The head that predicts and, if there is one, the auxiliary head."""
        heads = [self.decode_head]
        return heads + [self.auxiliary_head] if self.with_auxiliary_head else heads

    # --- rounds -----------------------------------------------------------------

    def round_begins(self, seed: int, round_index: int) -> None:
        """What a method keeps or changes before a round; here that is nothing.

        Args:
            seed: Seed of the run.
            round_index: Round counted from 0.
        """

    def round_ends(self, num_rounds: int) -> None:
        """Tells the heads that they were trained.

        Args:
            num_rounds: Rounds trained so far.
        """
        for head in self.clustering_heads:
            head.end_round(num_rounds)

    # --- the frozen copy --------------------------------------------------------

    def freeze_network(self) -> None:
        """Keeps a copy of backbone and neck as they are now, in evaluation mode.

        What labels a round, fits the centroids that predict or scores clusters runs on
        this copy, so all agree. Neither the training mode nor the BatchNorm statistics
        of the network in training are touched.
        """
        modules = [copy.deepcopy(self.neck)] if self.with_neck else []
        own = self.backbone
        modules.insert(0, own if self.frozen_backbone else copy.deepcopy(own))
        self._frozen = (nn.Sequential(*modules).eval(),)
        self._frozen[0].requires_grad_(False)

    def drop_frozen(self) -> None:
        """Frees the frozen copy."""
        self._frozen = ()

    def _frozen_features(self, images: Tensor) -> Tensor:
        if not self._frozen:
            raise InputError(
                f'{type(self).__name__} has no frozen copy to label with: '
                'freeze_network() makes it; KMeansLabelHook, for one, calls it before '
                "each epoch: add kmeans=dict(type='KMeansLabelHook') to default_hooks"
            )
        # The labels must be those of the clustering, at its precision, even when the
        # training step around them runs in another (AmpOptimWrapper).
        full = torch.autocast(images.device.type, enabled=False)
        with self._compute_precision(images, full):
            images = images.contiguous(memory_format=self.memory_format)
            return self.decode_head.embed(self._frozen[0](images))

    @torch.no_grad()
    def frozen_embed(self, images: Tensor) -> Tensor:
        """Unit vectors of plain images by the frozen copy.

        Args:
            images: (N, 3, H, W), normalized.

        Returns:
            (N, D, h, w) float32.
        """
        return self.decode_head.unit(self._frozen_features(images))

    @torch.no_grad()
    def frozen_pair(self, inputs: dict) -> tuple[Tensor, Tensor]:
        """Both views' maps by the frozen copy, also of a method that has one view."""
        return self.embed_pair(inputs, self._frozen_features)

    # --- views ------------------------------------------------------------------

    def trained_features(self, images: Tensor) -> Tensor:
        """Maps by the network in training, with gradients, not yet unit.

        Args:
            images: (N, 3, H, W), normalized.

        Returns:
            (N, D, h, w).
        """
        return self.decode_head.embed(self.extract_feat(images))

    def embed_pair(
        self, inputs: dict, features: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, Tensor]:
        """z1 = f(G(P1(x))) and z2 = G(f(P2(x))) (PiCIE, section 3.2).

        The views pass the network one after the other, so BatchNorm statistics are
        those of one view, as released.

        Args:
            inputs: Output of the data preprocessor: view1, view2 (N, 3, H, W),
                box (N, 4), flip (N,) and turns (N,).
            features: Makes the maps (N, D, h, w) of images (N, 3, H, W).

        Returns:
            (N, D, h, w) float32 for each view, in the frame of view 1.
        """
        maps1, maps2 = features(inputs['view1']), features(inputs['view2'])
        # The order matters: interpolation shortens unit vectors.
        geometric = inputs['box'], inputs['flip'], maps1.shape[2:], inputs['turns']
        maps2 = warp(maps2.float(), *geometric)
        return self.decode_head.unit(maps1), self.decode_head.unit(maps2)

    # --- training ---------------------------------------------------------------

    def loss(self, inputs: dict, data_samples=None) -> dict[str, Tensor]:
        """Loss of a batch of views.

        Args:
            inputs: Output of the preprocessor; empty where this process has no
                sample left in the step.
            data_samples: Not used; there are no labels.

        Returns:
            Those of :meth:`batch_losses`, or of :meth:`empty_losses` with a gradient of
            zero for each parameter, which DDP waits for.
        """
        if inputs:
            return self.batch_losses(inputs)
        losses = self.empty_losses()
        zero = self.zero_of(self)
        return {name: value + zero for name, value in losses.items()}

    @staticmethod
    def zero_of(module: nn.Module) -> Tensor:
        """0 as a function of each trained parameter, so that all have a gradient."""
        return sum(p.sum() for p in module.parameters() if p.requires_grad) * 0.0

    def batch_losses(self, inputs: dict) -> dict[str, Tensor]:
        """Terms of the loss of a batch, by names ``loss_...``.

        Args:
            inputs: Output of the preprocessor, with samples.
        """
        raise NotImplementedError

    def empty_losses(self) -> dict[str, Tensor]:
        """Terms of a process without samples, by the names of :meth:`batch_losses`.

        A loss that sums over processes takes part here, with no points.
        """
        raise NotImplementedError
