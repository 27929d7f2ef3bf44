"""A method of its own: one segmentor and one loss."""

from collections.abc import Callable

from mmseg.registry import MODELS
from torch import Tensor, nn

from mmseg_picie.models import Clustering, RoundSegmentor, to_points


@MODELS.register_module()
class MirrorSegmentor(RoundSegmentor):
    """Clusters what an image and its mirror image have in common."""

    clustered_views = ('view1',)

    def embed_views(
        self, inputs: dict, features: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor]:
        """Unit vectors of view 1, (N, D, h, w)."""
        images = inputs['view1']
        mirrored = features(images.flip(3)).flip(3)
        return (self.decode_head.unit(features(images) + mirrored),)


@MODELS.register_module()
class CentroidDistanceLoss(nn.Module):
    """Mean squared distance of a pixel to the centroid of its own cluster."""

    def forward(
        self, points: tuple[Tensor], clusterings: list[Clustering]
    ) -> dict[str, Tensor]:
        """Loss of one view's maps, (N, D, h, w), under one clustering."""
        (maps,), (clustering,) = points, clusterings
        (labels,), (centroids,) = clustering.labels, clustering.centroids
        counts = labels >= 0  # a process may have no pixel that counts
        offsets = to_points(maps)[counts] - centroids[labels[counts]]
        return dict(loss_distance=offsets.square().sum() / counts.sum().clamp(min=1))
