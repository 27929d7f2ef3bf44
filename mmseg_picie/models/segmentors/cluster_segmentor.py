"""What the masks of a segmentor of clusters hold."""

import copy

from mmseg.models import EncoderDecoder
from torch import Tensor

from ...errors import InputError
from ..cluster_names import cluster_meta

PREDICT_AS = ('clusters', 'classes')
UNMATCHED = 255  # class shown for a cluster that was matched to none


class ClusterSegmentor(EncoderDecoder):
    """An ``EncoderDecoder`` whose decode head is a ``ClusteringHead``.

    Args:
        predict_as: What predicted masks hold: 'clusters' (ids in [0, K)) or 'classes'
            (through the head's ``cluster_to_class``; 255 for an unmatched cluster).
        **kwargs: Arguments of ``EncoderDecoder``.

    Raises:
        InputError: If ``predict_as`` is unknown.
    """

    def __init__(self, predict_as: str = 'clusters', **kwargs) -> None:
        if predict_as not in PREDICT_AS:
            raise InputError(
                f'predict_as must be one of {PREDICT_AS}, got {predict_as!r}'
            )
        super().__init__(**kwargs)
        self.predict_as = predict_as
        self._cfg = None
        self._dataset_meta: dict | None = None

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
        source = head.centroid_source
        for sample in data_samples:
            sample.set_metainfo(dict(num_clusters=head.num_clusters, centroids=source))
        return data_samples
