"""A segmentor as one function of plain images, for an export."""

import torch.nn.functional as F
from torch import Tensor, nn

from ..models import ClusterSegmentor


class PlainImages(nn.Module):
    """Images as files hold them in, ids out: normalization and naming are inside.

    Args:
        model: In evaluation mode. Its precision becomes float32.

    Raises:
        InputError: If nothing was ever fitted, or classes are asked for and no
            matching is stored.
    """

    def __init__(self, model: ClusterSegmentor) -> None:
        super().__init__()
        model.decode_head.require_fitted()
        model.precision = 'float32'
        self.model = model
        classes = model.class_table() if model.predict_as == 'classes' else None
        self.register_buffer('classes', classes)

    def forward(self, images: Tensor) -> Tensor:
        """Ids of RGB images, (N, 3, H, W) uint8 -> (N, H, W) int64."""
        ids = self.scores(images).argmax(1)
        return ids if self.classes is None else self.classes[ids]

    def scores(self, images: Tensor) -> Tensor:
        """Scores of clusters, (N, 3, H, W) uint8 -> (N, K, H, W) float32."""
        scores = self.model.decode_head(self.model.extract_feat(self.normalize(images)))
        return F.interpolate(
            scores, size=images.shape[2:], mode='bilinear', align_corners=False
        )

    def normalize(self, images: Tensor) -> Tensor:
        """What the preprocessor makes of RGB images, (N, 3, H, W) float32."""
        values = images.float()
        preprocessor = self.model.data_preprocessor
        if not takes_rgb(preprocessor):
            values = values.flip(1)
        if getattr(preprocessor, '_enable_normalize', False):
            values = (values - preprocessor.mean) / preprocessor.std
        return values


def takes_rgb(preprocessor: nn.Module) -> bool:
    """Whether a network behind this preprocessor sees RGB; mmseg's images are BGR."""
    for name in ('channel_conversion', '_channel_conversion'):
        if hasattr(preprocessor, name):
            return bool(getattr(preprocessor, name))
    return False
