"""A segmentor as one function of plain images, and whether an export equals it."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import InputError
from ..models import ClusterSegmentor

SHAPES = ((1, 3, 131, 97), (3, 3, 128, 192))
# Share of pixels that may differ, ties apart: scores that differ by less than TIE.
LARGEST_SHARE, TIE = 1e-4, 1e-5


class PlainImages(nn.Module):
    """Images as files hold them in, ids out: normalization and naming are inside.

    Args:
        model: In evaluation mode. Its precision becomes float32.

    Raises:
        InputError: If nothing was ever fitted, or classes are asked for and no
            matching or no names are stored, it takes other channels than colors, or the
            head predicts what no graph does.
    """

    def __init__(self, model: ClusterSegmentor) -> None:
        super().__init__()
        model.decode_head.require_fitted()
        model.require_colors()
        if model.decode_head.no_graph:
            raise InputError(model.decode_head.no_graph)
        model.precision = 'float32'
        self.model = model
        self.register_buffer('mask_ids', model.mask_ids)
        if model.dataset_meta is None:
            raise InputError(
                'the checkpoint predicts classes and has no names for them '
                '(meta.dataset_meta): name its clusters by mmseg-picie name'
            )

    def forward(self, images: Tensor) -> Tensor:
        """Ids of RGB images, (N, 3, H, W) uint8 -> (N, H, W) int64."""
        return self.mask_ids[self.scores(images).argmax(1)]

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


def left_out(model: ClusterSegmentor) -> str:
    """What this package does and an export of the network does not; '' if nothing."""
    parts = []
    if model.flip_average:
        parts.append(
            'scores of the checkpoint are averaged with those of the mirror image; '
            'that is no part of the export, whose masks are those of the image alone'
        )
    if model.refinement is not None:
        parts.append(
            f'masks of the checkpoint are refined by {model.refinement}; that is no '
            'part of the export, whose masks are those before refinement'
        )
    return '; '.join(parts)


def takes_rgb(preprocessor: nn.Module) -> bool:
    """Whether a network behind this preprocessor sees RGB; mmseg's images are BGR."""
    for name in ('channel_conversion', '_channel_conversion'):
        if hasattr(preprocessor, name):
            return bool(getattr(preprocessor, name))
    return False


@torch.no_grad()
def check_masks(graph: PlainImages, ids: Callable[[Tensor], Tensor]) -> None:
    """Compares what an export predicts of drawn images with the network itself.

    Args:
        graph: The network.
        ids: The export, (N, 3, H, W) uint8 -> (N, H, W).

    Raises:
        RuntimeError: If they differ by more than rounding; then the export is wrong.
    """
    for index, shape in enumerate(SHAPES):
        images = _drawn(shape, index)
        wrong = ids(images) != graph(images)
        first, second = graph.scores(images).topk(2, dim=1).values.unbind(1)
        share = (wrong & (first - second > TIE)).float().mean().item()
        if share > LARGEST_SHARE:
            raise RuntimeError(
                f'the export differs from the network on {share:.2%} of the pixels of '
                f'images {shape}, so it was not written'
            )


def _drawn(shape: tuple[int, ...], seed: int) -> Tensor:
    """Smooth spots of color and some noise, uint8."""
    generator = torch.Generator().manual_seed(seed)
    spots = torch.rand((*shape[:2], 6, 6), generator=generator)
    smooth = F.interpolate(spots, shape[2:], mode='bicubic')
    noise = 0.1 * torch.randn(shape, generator=generator)
    return (255 * (smooth + noise)).clamp(0, 255).to(torch.uint8)
