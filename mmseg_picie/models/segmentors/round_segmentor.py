"""What a round of clustering and training asks of a segmentor."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from ...errors import check_choice
from ..losses import clustering_factors
from ..points import to_points, valid_cells
from .head_checks import auxiliary_config, check_heads, head_config
from .trained_segmentor import TrainedSegmentor

LABEL_NETWORKS = ('frozen', 'trained')
Labels = tuple[Tensor, ...]  # cluster ids of each view's points, (M,) each


class RoundSegmentor(TrainedSegmentor):
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
        **kwargs: Arguments of :class:`TrainedSegmentor`.

    Attributes:
        clustered_views: Names of the views that are clustered and trained on.
        extra_loss_names: Names of the terms that :meth:`extra_losses` gives.

    Raises:
        InputError: If an option is unknown, or the head has options without an effect.
    """

    clustered_views: tuple[str, ...] = ()
    extra_loss_names: tuple[str, ...] = ()

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

    # --- views ------------------------------------------------------------------

    @torch.no_grad()
    def frozen_views(self, inputs: dict) -> tuple[Tensor, ...]:
        """The views' maps by the frozen copy, as :meth:`embed_views`.

        It takes ``view1`` where training has its own (docs/reference.md R10).
        """
        return self.embed_views(inputs, self._frozen_features)

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

    def trained_views(self, inputs: dict) -> tuple[Tensor, ...]:
        """The views' maps by the network in training, with gradients.

        ``train_view1`` takes the place of ``view1`` where it is given.
        """
        view1 = inputs.get('train_view1', inputs['view1'])
        return self.embed_views({**inputs, 'view1': view1}, self.trained_features)

    # --- training ---------------------------------------------------------------

    def batch_losses(self, inputs: dict) -> dict[str, Tensor]:
        """The terms of the decode head's loss and of :meth:`extra_losses`."""
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

    def empty_losses(self) -> dict[str, Tensor]:
        """The same terms with no points, which take part in the sums over processes."""
        parameter = next(self.parameters())
        maps = parameter.new_zeros(0, self.decode_head.in_channels, 1, 1)
        ids = torch.zeros(0, dtype=torch.int64, device=parameter.device)
        views = len(self.clustered_views)
        labels = [(ids,) * views for _ in self.clustering_heads]
        losses = self._clustering_loss((maps,) * views, labels)
        losses.update((name, parameter.new_zeros(())) for name in self.extra_loss_names)
        return losses
