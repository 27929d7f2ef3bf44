"""Centroids that learn an embedding's clusters and teach it nothing."""

from mmseg.registry import MODELS
from torch import Tensor, nn

from ..losses import process_mean
from .softmax_head import SoftmaxHead


@MODELS.register_module()
class ProbeHead(SoftmaxHead):
    """Cosine k-means by gradient, beside a method that trains an embedding.

    The cluster probe of STEGO (Hamilton et al., ICLR 2022, section 4.2): K centroids
    learn from every batch to have a high cosine with the points nearest to them. The
    embedding gets no gradient from it. Predictions are the nearest centroid by cosine.
    Their learning rate can be set apart by
    ``optim_wrapper.paramwise_cfg=dict(custom_keys={'decode_head': ...})``.

    Args:
        in_channels: Embedding size D.
        num_clusters: Number of clusters K, >= 2.
        **kwargs: Further arguments of :class:`SoftmaxHead`, whose ``cosine`` is True.
    """

    def __init__(self, in_channels: int, num_clusters: int, **kwargs) -> None:
        super().__init__(in_channels, num_clusters, cosine=True, **kwargs)
        nn.init.normal_(self.classifier.weight)  # any direction is as likely

    def loss(self, codes: Tensor) -> dict[str, Tensor]:
        """Minus the mean cosine of the points with their nearest centroids.

        Args:
            codes: Embeddings of any length, (N, D, h, w); N may be 0 on a process.
        """
        nearest = self.scores(self.unit(codes.detach())).amax(1)
        return dict(loss_probe=-process_mean(nearest))
