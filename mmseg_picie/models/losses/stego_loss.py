"""The correspondence loss of STEGO."""

from mmseg.registry import MODELS
from torch import Tensor

from .pair_loss import PairLoss, cosines


@MODELS.register_module()
class STEGOLoss(PairLoss):
    """Codes of points are to be alike where their features are (STEGO, eq. 4).

    A pair of points costs -(F - b) max(S, 0): F is the cosine of its features,
    centered over positions, S the cosine of its codes. Pairs with F above b are drawn
    together, the others pushed apart until S is 0.
    :class:`~mmseg_picie.models.CorrespondenceLoss`, which PiCIE's recipe takes, is the
    same idea between two views of an image, with b found from the data.

    Args:
        **kwargs: Arguments of :class:`PairLoss`.
    """

    # What a console says when a loss is below 0.
    below_zero = (
        'the correspondence loss is minus the likeness of pixels that belong together, '
        'so it falls below 0 as they come closer'
    )

    def cost(self, attraction: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """-(F - b) max(S, 0)."""
        return -attraction * cosines(first, second).clamp(min=0)
