"""Modified DeepCluster as an mmseg segmentor."""

from collections.abc import Callable

from mmseg.registry import MODELS
from torch import Tensor

from .round_segmentor import RoundSegmentor


@MODELS.register_module()
class MDC(RoundSegmentor):
    """Modified DeepCluster: pixel-level clustering of one view (PiCIE, section 4).

    DeepCluster (Caron et al., ECCV 2018) on pixels. Its view is PiCIE's first, with
    colors, crop, flip and turn changed on the input; the second is neither embedded nor
    clustered. With a ``ClassifierHead`` a 1x1 convolution learns the labels of the
    round; with a ``ClusteringHead`` the centroids are the classifier ('non-parametric'
    in the paper's ablation).
    """

    clustered_views = ('view1',)

    def embed_views(
        self, inputs: dict, features: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor]:
        """Unit vectors of view 1."""
        return (self.decode_head.unit(features(inputs['view1'])),)
