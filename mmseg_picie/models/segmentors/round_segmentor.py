"""What a round of clustering and training asks of a segmentor."""

import copy
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from ...errors import InputError, check_choice
from ...views import warp
from ..losses import clustering_factors
from ..points import to_points, valid_cells
from .cluster_segmentor import ClusterSegmentor
from .head_checks import auxiliary_config, check_heads, head_config

LABEL_NETWORKS = ('frozen', 'trained')
Labels = tuple[Tensor, ...]  # cluster ids of each view's points, (M,) each


class RoundSegmentor(ClusterSegmentor):
    """A segmentor that is trained in rounds: cluster, freeze, train, refit.

    The hooks of a round call, in this order: :meth:`freeze_network` (a copy of the
    network that stays as it is), :meth:`frozen_views` and :meth:`frozen_embed` (points
    to cluster), :meth:`begin_round`, and in every training step :meth:`loss`, which
    labels the step's points by the frozen copy and learns the labels.

    A method is a subclass. It names its views in ``clustered_views`` and says in
    :meth:`embed_views` how a network embeds them. It may add terms to the loss
    (:meth:`extra_losses`) or leave out pixels (:meth:`label`).

    Args:
        decode_head: Config of a ``ClusteringHead``, which holds the centroids.
        auxiliary_clusters: Number of clusters of a second clustering of the same
            points, which joins the training (PiCIE+H: 100, which the authors never
            released). Predictions use the first alone. None (default): none.
        label_network: Which network labels the training pixels: 'frozen' (default;
            the copy that was clustered, as released) or 'trained' (the network in
            training, in its training mode; no forward pass of the copy).
        **kwargs: Arguments of :class:`ClusterSegmentor`.

    Attributes:
        clustered_views: Names of the views that are clustered and trained on.
        extra_loss_names: Names of the terms that :meth:`extra_losses` gives.
        needs_shared_ids: Whether a cluster id has to mean the same in all views.

    Raises:
        InputError: If an option is unknown, or the head has options without an effect.
    """

    clustered_views: tuple[str, ...] = ()
    extra_loss_names: tuple[str, ...] = ()
    needs_shared_ids = False

    def __init__(
        self,
        decode_head: dict,
        auxiliary_clusters: int | None = None,
        label_network: str = 'frozen',
        **kwargs,
    ) -> None:
        check_choice('model.label_network', label_network, LABEL_NETWORKS)
        num_views = len(self.clustered_views)
        decode_head = head_config(decode_head, num_views)
        auxiliary_head = auxiliary_config(decode_head, auxiliary_clusters)
        super().__init__(
            decode_head=decode_head, auxiliary_head=auxiliary_head, **kwargs
        )
        check_heads(self.clustering_heads, num_views, type(self).__name__)
        self.label_network = label_network
        # A tuple hides the copy from the module tree: it must not appear in the
        # state dict, the parameters, DDP, EMA or the optimizer.
        self._frozen: tuple[nn.Module, ...] = ()

    @property
    def clustering_heads(self) -> list[nn.Module]:
        """The head that predicts and, if there is one, the auxiliary head."""
        heads = [self.decode_head]
        return heads + [self.auxiliary_head] if self.with_auxiliary_head else heads

    def begin_round(self, seed: int, round_index: int) -> list[nn.Parameter]:
        """Draws anew what the heads learn of one clustering alone.

        Args:
            seed: Seed of the run.
            round_index: Round counted from 0.

        Returns:
            The parameters that were drawn anew.
        """
        heads = self.clustering_heads
        return [p for head in heads for p in head.begin_round(seed, round_index)]

    # --- the frozen copy --------------------------------------------------------

    def freeze_network(self) -> None:
        """Keeps a copy of backbone and neck as they are now, in evaluation mode.

        Clustering, labels and the refit of the evaluation centroids all run on this
        copy, so they agree. Neither the training mode nor the BatchNorm statistics of
        the network in training are touched.
        """
        modules = [self.backbone] + ([self.neck] if self.with_neck else [])
        self._frozen = (copy.deepcopy(nn.Sequential(*modules)).eval(),)
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
    def frozen_views(self, inputs: dict) -> tuple[Tensor, ...]:
        """The views' maps by the frozen copy, as :meth:`embed_views`.

        It takes ``view1`` where training has its own (docs/reference.md R10).
        """
        return self.embed_views(inputs, self._frozen_features)

    @torch.no_grad()
    def frozen_pair(self, inputs: dict) -> tuple[Tensor, Tensor]:
        """Both views' maps by the frozen copy, also of a method that has one view."""
        return self.embed_pair(inputs, self._frozen_features)

    # --- views ------------------------------------------------------------------

    def embed_views(
        self, inputs: dict, features: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, ...]:
        """Unit vectors of each of ``clustered_views``, in one frame.

        Args:
            inputs: Output of the data preprocessor: view1, view2 (N, 3, H, W),
                box (N, 4), flip (N,) and turns (N,).
            features: Makes the maps (N, D, h, w) of images (N, 3, H, W).

        Returns:
            (N, D, h, w) float32 for each view.
        """
        raise NotImplementedError

    def embed_pair(
        self, inputs: dict, features: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, Tensor]:
        """z1 = f(G(P1(x))) and z2 = G(f(P2(x))) (PiCIE, section 3.2).

        Arguments and result are those of :meth:`embed_views`, in view 1's frame. The
        views pass the network one after the other, so BatchNorm statistics are those
        of one view, as released.
        """
        maps1, maps2 = features(inputs['view1']), features(inputs['view2'])
        # The order matters: interpolation shortens unit vectors.
        geometric = inputs['box'], inputs['flip'], maps1.shape[2:], inputs['turns']
        maps2 = warp(maps2.float(), *geometric)
        return self.decode_head.unit(maps1), self.decode_head.unit(maps2)

    def trained_views(self, inputs: dict) -> tuple[Tensor, ...]:
        """The views' maps by the network in training, with gradients.

        ``train_view1`` takes the place of ``view1`` where it is given.
        """
        view1 = inputs.get('train_view1', inputs['view1'])
        return self.embed_views(
            {**inputs, 'view1': view1},
            lambda images: self.decode_head.embed(self.extract_feat(images)),
        )

    # --- training ---------------------------------------------------------------

    def loss(self, inputs: dict, data_samples=None) -> dict[str, Tensor]:
        """Loss of a batch of views.

        Args:
            inputs: Output of the preprocessor; empty where this process has no
                sample left in the step.
            data_samples: Not used; there are no labels.

        Returns:
            The terms of the decode head's loss and of :meth:`extra_losses`.
        """
        if not inputs:
            return self._loss_without_samples()
        frozen = self.label_network == 'frozen'
        targets = self.frozen_views(inputs) if frozen else None
        maps = self.trained_views(inputs)
        valid = valid_cells(inputs.get('ignore'), maps[0])
        labels = self.label(targets or maps, valid)
        losses = self._clustering_loss(maps, labels)
        return {**losses, **self.extra_losses(maps, targets, valid)}

    def label(self, maps: Sequence[Tensor], valid: Tensor) -> list[Labels]:
        """Cluster ids of the views' points for each head, -1 where none counts.

        Args:
            maps: (N, D, h, w) of each view.
            valid: Cells that count, (N h w,) bool.
        """
        points = tuple(map(to_points, maps))
        return [
            tuple(ids.masked_fill(~valid, -1) for ids in head.label(*points))
            for head in self.clustering_heads
        ]

    def extra_losses(
        self,
        maps: tuple[Tensor, ...],
        targets: tuple[Tensor, ...] | None,
        valid: Tensor,
    ) -> dict[str, Tensor]:
        """Terms beside the decode head's loss, by ``extra_loss_names``; here none.

        Args:
            maps: Of the network in training, (N, D, h, w) for each view.
            targets: The same of the frozen copy; None with label_network='trained'.
            valid: Cells that count, (N h w,) bool.
        """
        return {}

    def _clustering_loss(
        self, points: tuple[Tensor, ...], labels: list[Labels]
    ) -> dict[str, Tensor]:
        """Loss of the views' points under the labels of each head."""
        heads = self.clustering_heads
        factors = clustering_factors([head.num_clusters for head in heads])
        clusterings = [
            head.clustering(ids, factor)
            for head, ids, factor in zip(heads, labels, factors, strict=True)
        ]
        return self.decode_head.loss(points, clusterings)

    def _loss_without_samples(self) -> dict[str, Tensor]:
        # Takes part in every collective: those of the loss with no points, those of
        # DDP with a zero gradient for each parameter.
        parameter = next(self.parameters())
        maps = parameter.new_zeros(0, self.decode_head.in_channels, 1, 1)
        ids = torch.zeros(0, dtype=torch.int64, device=parameter.device)
        views = len(self.clustered_views)
        labels = [(ids,) * views for _ in self.clustering_heads]
        losses = self._clustering_loss((maps,) * views, labels)
        losses.update((name, parameter.new_zeros(())) for name in self.extra_loss_names)
        zero = sum(p.sum() for p in self.parameters() if p.requires_grad) * 0.0
        return {name: value + zero for name, value in losses.items()}
