"""PiCIE as an mmseg segmentor."""

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError
from ...views import warp
from ..losses.clustering_loss import clustering_factors
from ..points import to_points, valid_cells
from .cluster_segmentor import ClusterSegmentor
from .head_checks import check_heads, check_view_options

PRECISIONS = ('float32', 'bfloat16')
LABEL_NETWORKS = ('frozen', 'trained')


@MODELS.register_module()
class PiCIE(ClusterSegmentor):
    """Pixel-level feature clustering using invariance and equivariance.

    Cho et al., CVPR 2021. Backbone and neck embed the two views; the decode head (a
    ``ClusteringHead``) holds the centroids. Labels come from a frozen copy of the
    network as it was when the round's clustering was made. At test time this is an
    ordinary ``EncoderDecoder``.

    Args:
        backbone: Any backbone that gives feature maps.
        decode_head: Config of a ``ClusteringHead``.
        neck: Makes the embedding from the backbone's maps.
        auxiliary_head: Config of a second ``ClusteringHead`` with other
            ``num_clusters`` (PiCIE+H: 100). Its clustering joins the
            training; predictions use the first alone.
        precision: What backbone and neck compute in wherever they run (clustering,
            labels, training, refit, prediction): 'float32' (default, as released) or
            'bfloat16' (autocast; weights, unit vectors, scores and sums stay float32).
        channels_last: Whether maps keep a pixel's channels together in memory. Same
            results up to rounding and faster; False for a backbone that cannot, as
            one that has strided 1x1 convolutions of fewer than 16 channels on a CPU
            with AVX-512 (oneDNN of torch 2.13 corrupts memory in their backward pass).
        label_network: Which network labels the training pixels: 'frozen' (default;
            the copy that was clustered, as released) or 'trained' (the network in
            training, in its training mode; no forward pass of the copy).
        label_agreement: Whether a pixel counts only where both views' labels are the
            same (False by default). Needs clusterings whose ids mean the same:
            ``KMeansLabelHook.warm_start`` or ``centroid_sets='shared'``. A second
            clustering learns from the same pixels.
        correspondence: Config of a ``CorrespondenceLoss``, which joins the training;
            its features are those of the frozen copy. None (default): as released.
        **kwargs: ``predict_as`` (:class:`ClusterSegmentor`) and further arguments of
            ``EncoderDecoder``.

    Attributes:
        clustered_views: Names of the views that are clustered and trained on.

    Raises:
        InputError: If ``precision``, ``label_network`` or ``predict_as`` is unknown,
            the heads do not go together or have options without an effect, or
            ``label_agreement`` or ``correspondence`` lack what they compare.
    """

    clustered_views: tuple[str, ...] = ('view1', 'view2')

    def __init__(
        self,
        backbone: dict,
        decode_head: dict,
        neck: dict | None = None,
        auxiliary_head: dict | None = None,
        precision: str = 'float32',
        channels_last: bool = True,
        label_network: str = 'frozen',
        label_agreement: bool = False,
        correspondence: dict | None = None,
        **kwargs,
    ) -> None:
        for name, value, allowed in (
            ('precision', precision, PRECISIONS),
            ('label_network', label_network, LABEL_NETWORKS),
        ):
            if value not in allowed:
                raise InputError(f'{name} must be one of {allowed}, got {value!r}')
        super().__init__(
            backbone=backbone,
            decode_head=decode_head,
            neck=neck,
            auxiliary_head=auxiliary_head,
            **kwargs,
        )
        num_views = len(self.clustered_views)
        check_heads(self.clustering_heads, num_views, type(self).__name__)
        check_view_options(
            dict(label_agreement=label_agreement, correspondence=correspondence),
            label_network,
            self.decode_head,
            num_views,
            type(self).__name__,
        )
        self.precision = precision
        self.memory_format = (
            torch.channels_last if channels_last else torch.contiguous_format
        )
        self.to(memory_format=self.memory_format)
        self.label_network = label_network
        self.label_agreement = label_agreement
        self.correspondence_loss = (
            None if correspondence is None else MODELS.build(correspondence)
        )
        # A tuple hides the copy from the module tree: it must not appear in the
        # state dict, the parameters, DDP, EMA or the optimizer.
        self._frozen: tuple[nn.Module, ...] = ()

    @property
    def clustering_heads(self) -> list[nn.Module]:
        """The head that predicts and, if there is one, the auxiliary head."""
        heads = [self.decode_head]
        return heads + [self.auxiliary_head] if self.with_auxiliary_head else heads

    def start_round(self, seed: int, round_index: int) -> list[nn.Parameter]:
        """Draws anew what the heads learn of one clustering alone.

        Args:
            seed: Seed of the run.
            round_index: Round counted from 0.

        Returns:
            The parameters that start anew.
        """
        heads = self.clustering_heads
        return [p for head in heads for p in head.start_round(seed, round_index)]

    # --- embeddings -----------------------------------------------------------

    def extract_feat(self, inputs: Tensor) -> tuple[Tensor, ...] | Tensor:
        """Maps of backbone and neck, (N, 3, H, W) -> (N, D, h, w) each."""
        with self._precision(inputs, nullcontext()):
            return super().extract_feat(
                inputs.contiguous(memory_format=self.memory_format)
            )

    def _precision(
        self, inputs: Tensor, full: AbstractContextManager
    ) -> AbstractContextManager:
        """Where the network runs; ``full`` is that of float32."""
        if self.precision == 'float32':
            return full
        return torch.autocast(inputs.device.type, torch.bfloat16)

    def freeze_network(self) -> None:
        """Keeps a copy of backbone and neck as they are now, in evaluation mode.

        Clustering, labels and the refit of the evaluation centroids all run on this
        copy, so they agree, and neither training mode nor BatchNorm statistics of the
        network in training are touched.
        """
        modules = [self.backbone] + ([self.neck] if self.with_neck else [])
        self._frozen = (copy.deepcopy(nn.Sequential(*modules)).eval(),)
        self._frozen[0].requires_grad_(False)

    def drop_frozen(self) -> None:
        """Frees the frozen copy."""
        self._frozen = ()

    def _frozen_features(self, images: Tensor) -> Tensor:
        if not self._frozen:
            raise RuntimeError(
                'PiCIE has no frozen network to label with: add '
                "custom_hooks=[dict(type='KMeansLabelHook', ...)] to the config"
            )
        # The labels must be those of the clustering, at its precision, even when the
        # training step around them runs in another (AmpOptimWrapper).
        full = torch.autocast(images.device.type, enabled=False)
        with self._precision(images, full):
            images = images.contiguous(memory_format=self.memory_format)
            return self.decode_head.embed(self._frozen[0](images))

    @torch.no_grad()
    def frozen_embed(self, images: Tensor) -> Tensor:
        """Unit embeddings of plain images by the frozen copy.

        Args:
            images: (N, 3, H, W), normalized.

        Returns:
            (N, D, h, w) float32.
        """
        return self.decode_head.unit(self._frozen_features(images))

    def _embed(
        self, inputs: dict, features: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, ...]:
        """Unit vectors of the clustered views, by a network's maps."""
        return self._embed_pair(inputs, features)

    def _embed_pair(
        self, inputs: dict, features: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Unit vectors of both views in the frame of view 1."""
        maps1, maps2 = features(inputs['view1']), features(inputs['view2'])
        # The order matters: interpolation shortens unit vectors.
        maps2 = warp(maps2.float(), inputs['box'], inputs['flip'], maps1.shape[2:])
        return self.decode_head.unit(maps1), self.decode_head.unit(maps2)

    @torch.no_grad()
    def frozen_embed_views(self, inputs: dict) -> tuple[Tensor, ...]:
        """As :meth:`embed_views`, by the frozen copy, without gradients.

        It takes ``view1`` where training has its own (docs/reference.md R10).
        """
        return self._embed(inputs, self._frozen_features)

    @torch.no_grad()
    def frozen_embed_pair(self, inputs: dict) -> tuple[Tensor, Tensor]:
        """As :meth:`frozen_embed_views`, both views of a model of one as well."""
        return self._embed_pair(inputs, self._frozen_features)

    def embed_views(self, inputs: dict) -> tuple[Tensor, ...]:
        """z1 = f(G(P1(x))) and z2 = G(f(P2(x))) (PiCIE, section 3.2).

        The views pass the network one after the other, so BatchNorm statistics are
        those of one view, as released.

        Args:
            inputs: Dict of view1, view2 (N, 3, H, W), box (N, 4) and flip (N,);
                ``train_view1`` takes the place of view1 where it is given.

        Returns:
            A map (N, D, h, w) of unit vectors in the frame of view 1 for each of
            ``clustered_views``.
        """
        view1 = inputs.get('train_view1', inputs['view1'])
        return self._embed(
            {**inputs, 'view1': view1},
            lambda images: self.decode_head.embed(self.extract_feat(images)),
        )

    # --- training -------------------------------------------------------------

    def loss(self, inputs: dict, data_samples=None) -> dict[str, Tensor]:
        """Clustering loss of a batch of views.

        Args:
            inputs: Output of the preprocessor; empty where this process has no
                sample left in the step.
            data_samples: Not used; there are no labels.

        Returns:
            The parts that the decode head's loss has, and ``loss_correspondence``.
        """
        if not inputs:
            return self._loss_without_samples()
        frozen = self.label_network == 'frozen'
        targets = self.frozen_embed_views(inputs) if frozen else None
        maps = self.embed_views(inputs)
        valid = valid_cells(inputs.get('ignore'), maps[0])
        points = tuple(map(to_points, targets or maps))
        labels = [
            tuple(ids.masked_fill(~valid, -1) for ids in head.label(*points))
            for head in self.clustering_heads
        ]
        if self.label_agreement:
            differ = labels[0][0] != labels[0][1]
            labels = [tuple(i.masked_fill(differ, -1) for i in ids) for ids in labels]
        losses = self._clustering_loss(maps, labels)
        if self.correspondence_loss is not None:
            losses['loss_correspondence'] = self.correspondence_loss(
                maps, targets, valid, self.decode_head.num_clusters
            )
        return losses

    def _clustering_loss(self, points: tuple, labels: list[tuple]) -> dict[str, Tensor]:
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
        if self.correspondence_loss is not None:
            losses['loss_correspondence'] = parameter.new_zeros(())
        zero = sum(p.sum() for p in self.parameters() if p.requires_grad) * 0.0
        return {name: value + zero for name, value in losses.items()}
