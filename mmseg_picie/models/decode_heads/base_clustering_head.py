"""What every head that scores clusters has."""

import hashlib

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from ...errors import InputError, check_least
from ..unit_vectors import unit_vectors


def check_sum(*tensors: Tensor) -> str:
    """Eight hex digits that tell float32 tensors of other values apart."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:8]


class BaseClusteringHead(BaseModule):
    """Scores the clusters of an embedding; at test time an mmseg decode head.

    A subclass says how: it defines :meth:`scores`, :attr:`is_fitted`, :attr:`source`
    and, where scores are a linear map, :meth:`score_layer`.

    Args:
        in_channels: Embedding size D.
        num_clusters: Number of clusters K, >= 2.
        normalize: Whether embeddings are brought to unit length.
        in_index: Which of the neck's maps is the embedding.
        init_cfg: mmengine initialization.

    Attributes:
        cluster_to_class: Class of each cluster, (K,) int64, -1 if it has none or no
            matching was stored.

    Raises:
        InputError: If ``num_clusters`` < 2.
    """

    def __init__(
        self,
        in_channels: int,
        num_clusters: int,
        normalize: bool = True,
        in_index: int = -1,
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        check_least(f'{type(self).__name__}.num_clusters', num_clusters, 2)
        self.in_channels = in_channels
        self.num_clusters = num_clusters
        self.normalize = normalize
        self.in_index = in_index
        self.register_buffer('cluster_to_class', torch.full((num_clusters,), -1))
        # What mmseg's EncoderDecoder reads off a decode head.
        self.align_corners = False
        self.num_classes = self.out_channels = num_clusters

    @property
    def is_fitted(self) -> bool:
        """Whether there is something to predict with."""
        raise NotImplementedError

    @property
    def source(self) -> str:
        """What predicts, in words and with a check sum."""
        raise NotImplementedError

    @property
    def no_graph(self) -> str:
        """Why no export can hold what predicts, and a remedy; '' if one can."""
        return ''

    @property
    def temperature(self) -> float | None:
        """Divisor of the scores in the softmax of training, None without one."""
        return None

    @property
    def cluster_vectors(self) -> Tensor | None:
        """What the embedding of each cluster is like, (K, D).

        Their cosines say which clusters are alike. None for a head that knows of none.
        """
        return None

    def end_round(self, num_rounds: int) -> None:
        """Takes note that a round of training is over; here there is nothing to note.

        Args:
            num_rounds: Rounds trained so far.
        """

    def scores(self, embedding: Tensor) -> Tensor:
        """Scores of all clusters, high for near ones: (N, D, h, w) -> (N, K, h, w)."""
        raise NotImplementedError

    def score_layer(self) -> tuple[Tensor, Tensor]:
        """The scores as one linear layer of the embedding, (K, D) and (K,).

        Raises:
            NotImplementedError: If they are none.
        """
        raise NotImplementedError

    def embed(self, features) -> Tensor:
        """Takes the embedding from the neck's maps, (N, D, h, w), not yet unit."""
        return features if isinstance(features, Tensor) else features[self.in_index]

    def unit(self, embedding: Tensor) -> Tensor:
        """Brings embeddings to unit length over D in float32, if so configured."""
        embedding = embedding.float()
        return unit_vectors(embedding) if self.normalize else embedding

    def require_fitted(self) -> None:
        """Refuses to predict with nothing.

        It reads a tensor's value, so it is no part of :meth:`forward`, of which an
        export makes a graph.

        Raises:
            InputError: If nothing was ever fitted.
        """
        if not self.is_fitted:
            raise InputError(
                'the clusters of model.decode_head were never fitted, so there is '
                'nothing to predict with: load a checkpoint that tools/train.py wrote'
            )

    def forward(self, features) -> Tensor:
        """Scores of what predicts, the neck's maps -> (N, K, h, w) float32."""
        return self.scores(self.unit(self.embed(features)))

    def predict(self, features, batch_img_metas: list[dict], test_cfg) -> Tensor:
        """Scores at the size of the network's input, (N, K, H, W).

        Raises:
            InputError: If nothing was ever fitted.
        """
        self.require_fitted()
        meta = batch_img_metas[0]
        size = meta['img_shape']
        # mmseg marks a sliding window by this type; otherwise padding was added.
        if not isinstance(size, torch.Size):
            size = meta.get('pad_shape', size)[:2]
        return F.interpolate(
            self(features), size=tuple(size), mode='bilinear', align_corners=False
        )

    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs) -> None:
        # mmengine logs size mismatches and goes on with the old values. For centroids
        # that would mean predicting noise.
        for name, buffer in self.named_buffers(recurse=False):
            loaded = state_dict.get(prefix + name)
            if loaded is not None and loaded.shape != buffer.shape:
                raise InputError(
                    f'{prefix}{name} of the checkpoint is {tuple(loaded.shape)}, the '
                    f'config asks for {tuple(buffer.shape)}: set '
                    f'model.{prefix}num_clusters and the neck to those the '
                    'checkpoint was trained with'
                )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
