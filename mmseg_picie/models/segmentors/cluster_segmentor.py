"""What every segmentor of clusters does: it embeds images and predicts clusters."""

import copy
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from mmseg.models import EncoderDecoder
from mmseg.registry import MODELS
from torch import Tensor

from ...errors import InputError, check_choice
from ...refinement import Refinement, make_refinement
from ..backbones import check_backbone_package
from ..channels import AUTO, backbone_channels
from ..cluster_names import cluster_meta
from ..decode_heads import BaseClusteringHead

PREDICT_AS = ('clusters', 'classes')
PRECISIONS = ('float32', 'bfloat16')
UNMATCHED = 255  # class shown for a cluster that was matched to none


@MODELS.register_module()
class ClusterSegmentor(EncoderDecoder):
    """An ``EncoderDecoder`` whose decode head scores clusters.

    It embeds images as unit vectors and predicts clusters or, through a stored
    matching, classes. It knows nothing of how it was trained.

    Args:
        backbone: Config of the backbone.
        neck: Config of the neck, or None. Its ``in_channels`` may be 'auto', which
            stands for the channels of the backbone's maps.
        predict_as: What predicted masks hold: 'clusters' (ids in [0, K)) or 'classes'
            (through the head's ``cluster_to_class``; 255 for an unmatched cluster).
        precision: What backbone and neck compute in wherever they run: 'float32'
            (default, as released) or 'bfloat16' (autocast; weights, unit vectors,
            scores and sums stay float32).
        channels_last: Whether maps keep a pixel's channels together in memory. Results
            are the same up to rounding, and it is faster. Set False for a backbone
            with strided 1x1 convolutions of fewer than 16 channels on a CPU with
            AVX-512: there oneDNN of torch 2.13 corrupts memory in the backward pass.
        test_cfg: As mmseg's. ``test_cfg.refine`` makes masks follow the edges of the
            image at the size that the network sees: 'pamr', 'guided' or 'crf', or a
            dict with that as ``type`` and options of the class in
            ``mmseg_picie/refinement``. None (default): masks are the network's own.
            ``test_cfg.flip_average=True`` takes the mean of an image's scores and those
            of its mirror image (STEGO takes that of the embeddings, which differs a
            little); that takes twice the time.
        **kwargs: Arguments of ``EncoderDecoder``.

    Attributes:
        refinement: What ``test_cfg.refine`` stands for, or None.
        flip_average: That of ``test_cfg``; False by default.

    Raises:
        InputError: If an option is unknown, the package of the backbone is missing, or
            the decode head is none of clusters.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict | None = None,
        predict_as: str = 'clusters',
        precision: str = 'float32',
        channels_last: bool = True,
        test_cfg: dict | None = None,
        **kwargs,
    ) -> None:
        check_choice('model.predict_as', predict_as, PREDICT_AS)
        check_choice('model.precision', precision, PRECISIONS)
        check_backbone_package(backbone)
        self._neck_config = neck
        super().__init__(backbone=backbone, test_cfg=test_cfg, **kwargs)
        self.refinement = _refinement(test_cfg)
        self.flip_average = (test_cfg or {}).get('flip_average', False)
        check_choice('model.test_cfg.flip_average', self.flip_average, (True, False))
        if not isinstance(self.decode_head, BaseClusteringHead):
            raise InputError(
                f'model.decode_head must be a head of clusters such as ClusteringHead, '
                f'got {type(self.decode_head).__name__}'
            )
        self.predict_as = predict_as
        self.precision = precision
        self.memory_format = (
            torch.channels_last if channels_last else torch.contiguous_format
        )
        self.to(memory_format=self.memory_format)
        self._cfg = None
        self._dataset_meta: dict | None = None

    def _init_decode_head(self, decode_head: dict) -> None:
        # The neck is built here, between backbone and head: it may ask the backbone.
        neck = self._neck_config
        if neck is not None:
            if neck.get('in_channels') == AUTO:
                neck = dict(neck, in_channels=backbone_channels(self.backbone))
            self.neck = MODELS.build(neck)
        super()._init_decode_head(decode_head)

    # --- embedding --------------------------------------------------------------

    def extract_feat(self, inputs: Tensor) -> tuple[Tensor, ...] | Tensor:
        """Maps of backbone and neck, (N, 3, H, W) -> (N, D, h, w) each."""
        with self._compute_precision(inputs, nullcontext()):
            return super().extract_feat(
                inputs.contiguous(memory_format=self.memory_format)
            )

    def embed(self, images: Tensor) -> Tensor:
        """Unit vectors of images, (N, 3, H, W) normalized -> (N, D, h, w) float32."""
        head = self.decode_head
        return head.unit(head.embed(self.extract_feat(images)))

    def _compute_precision(
        self, inputs: Tensor, full: AbstractContextManager
    ) -> AbstractContextManager:
        """Where the network runs; ``full`` is the context of float32."""
        if self.precision == 'float32':
            return full
        return torch.autocast(inputs.device.type, torch.bfloat16)

    def require_colors(self) -> None:
        """Refuses a network of other images than image files hold.

        Raises:
            InputError: If it takes another number of channels than three.
        """
        mean = getattr(self.data_preprocessor, 'mean', None)
        if mean is not None and len(mean) != 3:
            raise InputError(
                f'the network takes images of {len(mean)} channels, such as colors and '
                'infrared, and image files have three: evaluate it by tools/test.py, '
                'or train it on colors alone'
            )

    # --- prediction -------------------------------------------------------------

    def _forward(self, inputs: Tensor, data_samples=None) -> Tensor:
        self.decode_head.require_fitted()
        return super()._forward(inputs, data_samples)

    def inference(self, inputs: Tensor, batch_img_metas: list[dict]) -> Tensor:
        """Scores as mmseg's, or with a refinement shares, (N, K, H, W)."""
        scores = self._averaged(
            lambda images: super(ClusterSegmentor, self).inference(
                images, batch_img_metas
            ),
            inputs,
        )
        if self.refinement is None:
            return scores
        return self.refinement(scores, self._colors(inputs))

    def cluster_scores(self, images: Tensor) -> Tensor:
        """Scores on the network's grid, (N, 3, H, W) normalized -> (N, K, h, w)."""
        return self._averaged(
            lambda seen: self.decode_head(self.extract_feat(seen)), images
        )

    def _averaged(self, scores: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
        """Scores of images, or their mean with those of the mirror images."""
        if not self.flip_average:
            return scores(images)
        return (scores(images) + scores(images.flip(3)).flip(3)) / 2

    def _colors(self, inputs: Tensor) -> Tensor:
        """Images in [0, 1] again, (N, 3, H, W)."""
        preprocessor = self.data_preprocessor
        if getattr(preprocessor, '_enable_normalize', False):
            inputs = inputs * preprocessor.std + preprocessor.mean
        return inputs / 255

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
        """Names and colors of what masks hold.

        mmseg sets this from a checkpoint, which may name classes; masks of clusters
        keep the clusters' names all the same.
        """
        if self.predict_as == 'clusters':
            return cluster_meta(self.decode_head.num_clusters)
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, meta: dict) -> None:
        self._dataset_meta = meta

    def postprocess_result(self, seg_logits: Tensor, data_samples=None) -> list:
        """As mmseg's, and each sample says what its mask holds.

        Metadata added: ``num_clusters``, ``centroids`` (where they come from),
        ``refinement`` (in words, or None) and ``flip_average`` with
        ``predict_as='clusters'``.

        Raises:
            InputError: If classes are asked for and no matching is stored.
        """
        data_samples = super().postprocess_result(seg_logits, data_samples)
        if self.predict_as == 'classes':
            for sample in data_samples:
                sample.pred_sem_seg.data = self.mask_ids[sample.pred_sem_seg.data]
            return data_samples
        source = self.decode_head.source
        refinement = None if self.refinement is None else str(self.refinement)
        for sample in data_samples:
            sample.set_metainfo(
                dict(
                    num_clusters=self.decode_head.num_clusters,
                    centroids=source,
                    refinement=refinement,
                    flip_average=self.flip_average,
                )
            )
        return data_samples

    @property
    def mask_ids(self) -> Tensor:
        """What masks hold where a cluster is predicted, (K,) int64.

        That is its own id or, with ``predict_as='classes'``, its class, 255 for none.

        Raises:
            InputError: If classes are asked for and no matching is stored.
        """
        classes = self.decode_head.cluster_to_class
        if self.predict_as == 'clusters':
            return torch.arange(len(classes), device=classes.device)
        if (classes < 0).all():
            raise InputError(
                "model.predict_as='classes' needs a matching and the head's "
                'cluster_to_class holds none: name the clusters with mmseg-picie name, '
                'or store a matching with tools/store_matching.py CHECKPOINT '
                'MATCHING.json OUT'
            )
        return classes.masked_fill(classes < 0, UNMATCHED)


def _refinement(test_cfg: dict | None) -> Refinement | None:
    named = (test_cfg or {}).get('refine')
    try:
        return make_refinement(named)
    except InputError as error:
        raise InputError(f'model.test_cfg.{error}') from error
