"""PiCIE as an mmseg segmentor."""

import copy
from contextlib import AbstractContextManager, nullcontext

import torch
from mmseg.models import EncoderDecoder
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...clustering import cluster_meta
from ...views import warp
from ..decode_heads import ClusteringHead
from ..losses.clustering_loss import clustering_factors
from ..points import to_points, valid_cells

PRECISIONS = ('float32', 'bfloat16')
LABEL_NETWORKS = ('frozen', 'trained')
PREDICT_AS = ('clusters', 'classes')
UNMATCHED = 255  # class shown for a cluster that was matched to none


@MODELS.register_module()
class PiCIE(EncoderDecoder):
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
            results up to rounding and faster; False for a backbone that cannot.
        label_network: Which network labels the training pixels: 'frozen' (default;
            the copy that was clustered, as released) or 'trained' (the network in
            training, in its training mode; no forward pass of the copy).
        predict_as: What predicted masks hold: 'clusters' (ids in [0, K)) or 'classes'
            (through the head's ``cluster_to_class``; 255 for an unmatched cluster).
        **kwargs: Further arguments of ``EncoderDecoder``.

    Raises:
        ValueError: If ``precision``, ``label_network`` or ``predict_as`` is unknown, or
            ``auxiliary_head`` does not go with ``decode_head``.
    """

    def __init__(
        self,
        backbone: dict,
        decode_head: dict,
        neck: dict | None = None,
        auxiliary_head: dict | None = None,
        precision: str = 'float32',
        channels_last: bool = True,
        label_network: str = 'frozen',
        predict_as: str = 'clusters',
        **kwargs,
    ) -> None:
        for name, value, allowed in (
            ('precision', precision, PRECISIONS),
            ('label_network', label_network, LABEL_NETWORKS),
            ('predict_as', predict_as, PREDICT_AS),
        ):
            if value not in allowed:
                raise ValueError(f'{name} must be one of {allowed}, got {value!r}')
        super().__init__(
            backbone=backbone,
            decode_head=decode_head,
            neck=neck,
            auxiliary_head=auxiliary_head,
            **kwargs,
        )
        if auxiliary_head is not None:
            self._check_auxiliary_head()
        self.precision = precision
        self.memory_format = (
            torch.channels_last if channels_last else torch.contiguous_format
        )
        self.to(memory_format=self.memory_format)
        self.label_network = label_network
        self.predict_as = predict_as
        # A tuple hides the copy from the module tree: it must not appear in the
        # state dict, the parameters, DDP, EMA or the optimiser.
        self._frozen: tuple[nn.Module, ...] = ()
        self._cfg = None
        self._dataset_meta: dict | None = None

    def _check_auxiliary_head(self) -> None:
        """Refuses an auxiliary head whose options would have no effect."""
        first, second = self.decode_head, self.auxiliary_head
        if not isinstance(second, ClusteringHead):
            raise ValueError(
                'auxiliary_head must be the config of one ClusteringHead, got '
                f'{type(second).__name__}'
            )
        for name in ('in_channels', 'in_index', 'normalize'):
            if getattr(first, name) != getattr(second, name):
                raise ValueError(
                    f'auxiliary_head.{name} must be that of decode_head, '
                    f'{getattr(first, name)}, got {getattr(second, name)}'
                )
        if first.num_clusters == second.num_clusters:
            raise ValueError(
                'auxiliary_head.num_clusters must differ from that of decode_head, got '
                f'{second.num_clusters} for both: they would be the same clustering'
            )
        if second.clustering_loss is not None:
            raise ValueError(
                'auxiliary_head.loss must be None: decode_head.loss is that of both'
            )

    @property
    def cfg(self):
        """The config that mmseg's ``init_model`` leaves here; a copy.

        ``inference_model`` on an array rewrites the test pipeline it finds here, after
        which the model would refuse files.
        """
        return copy.deepcopy(self._cfg)

    @cfg.setter
    def cfg(self, config) -> None:
        self._cfg = config

    @property
    def dataset_meta(self) -> dict | None:
        """Names and colours of what masks hold.

        mmseg sets this from a checkpoint, which may name classes; masks of clusters
        keep the clusters' names all the same.
        """
        if self.predict_as == 'clusters':
            return cluster_meta(self.decode_head.num_clusters)
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, meta: dict) -> None:
        self._dataset_meta = meta

    @property
    def clustering_heads(self) -> list[nn.Module]:
        """The head that predicts and, if there is one, the auxiliary head."""
        heads = [self.decode_head]
        return heads + [self.auxiliary_head] if self.with_auxiliary_head else heads

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
            images: (N, 3, H, W), normalised.

        Returns:
            (N, D, h, w) float32.
        """
        return self.decode_head.unit(self._frozen_features(images))

    def _align(self, features1: Tensor, features2: Tensor, inputs: dict):
        """Brings view 2's map into view 1's frame, then both to unit length.

        The order matters: interpolation shortens unit vectors.
        """
        features2 = warp(
            features2.float(), inputs['box'], inputs['flip'], features1.shape[2:]
        )
        return self.decode_head.unit(features1), self.decode_head.unit(features2)

    @torch.no_grad()
    def frozen_embed_views(self, inputs: dict) -> tuple[Tensor, Tensor]:
        """As :meth:`embed_views`, by the frozen copy and without gradients."""
        return self._align(
            self._frozen_features(inputs['view1']),
            self._frozen_features(inputs['view2']),
            inputs,
        )

    def embed_views(self, inputs: dict) -> tuple[Tensor, Tensor]:
        """z1 = f(G(P1(x))) and z2 = G(f(P2(x))) (PiCIE, section 3.2).

        The views pass the network one after the other, so BatchNorm statistics are
        those of one view, as released.

        Args:
            inputs: Dict of view1, view2 (N, 3, H, W), box (N, 4) and flip (N,).

        Returns:
            Two maps (N, D, h, w) of unit vectors in the frame of view 1.
        """
        return self._align(
            self.decode_head.embed(self.extract_feat(inputs['view1'])),
            self.decode_head.embed(self.extract_feat(inputs['view2'])),
            inputs,
        )

    # --- training -------------------------------------------------------------

    def loss(self, inputs: dict, data_samples=None) -> dict[str, Tensor]:
        """Clustering loss of a batch of views.

        Args:
            inputs: Output of the preprocessor; empty where this process has no
                sample left in the step.
            data_samples: Not used; there are no labels.

        Returns:
            ``loss_within`` and ``loss_cross``.
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
        return self._clustering_loss(maps, labels)

    def _clustering_loss(self, points: tuple, labels: list[tuple]) -> dict[str, Tensor]:
        """Loss of both views' points under the labels of each head."""
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
        points = parameter.new_zeros(0, self.decode_head.in_channels)
        ids = torch.zeros(0, dtype=torch.int64, device=parameter.device)
        labels = [(ids, ids) for _ in self.clustering_heads]
        losses = self._clustering_loss((points, points), labels)
        zero = sum(p.sum() for p in self.parameters() if p.requires_grad) * 0.0
        return {name: value + zero for name, value in losses.items()}

    # --- prediction -----------------------------------------------------------

    def postprocess_result(self, seg_logits: Tensor, data_samples=None) -> list:
        """As mmseg's, and each sample says what its mask holds.

        Metadata added: ``num_clusters`` and ``centroids`` (where they come from) with
        ``predict_as='clusters'``.

        Raises:
            RuntimeError: If classes are asked for and no matching is stored.
        """
        data_samples = super().postprocess_result(seg_logits, data_samples)
        head = self.decode_head
        if self.predict_as == 'classes':
            if (head.cluster_to_class < 0).all():
                raise RuntimeError(
                    "predict_as='classes' needs a matching and the head's "
                    'cluster_to_class holds none: store one with '
                    'tools/store_matching.py CHECKPOINT MATCHING.json OUT'
                )
            classes = head.cluster_to_class.masked_fill(
                head.cluster_to_class < 0, UNMATCHED
            )
            for sample in data_samples:
                sample.pred_sem_seg.data = classes[sample.pred_sem_seg.data]
            return data_samples
        for sample in data_samples:
            sample.set_metainfo(
                dict(num_clusters=head.num_clusters, centroids=head.centroid_source)
            )
        return data_samples
