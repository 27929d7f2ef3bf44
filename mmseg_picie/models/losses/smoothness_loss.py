"""The smoothness term of SmooSeg's energy."""

from mmseg.registry import MODELS
from torch import Tensor

from .pair_loss import PairLoss, cosines


@MODELS.register_module()
class SmoothnessLoss(PairLoss):
    """Points with like features are to have one label (SmooSeg, section 3.2).

    A pair of points costs (F - b) (1 - Y): F is the cosine of its features, centered
    over positions, Y the cosine of its distributions over clusters. Pairs with F above
    b cost something where their labels differ, and pairs below b where they agree
    (Lan et al., NeurIPS 2023). The codes of :class:`PairLoss` are the distributions.

    Args:
        **kwargs: Arguments of :class:`PairLoss`.
    """

    # What a console says when a loss is below 0.
    below_zero = (
        'the smoothness loss counts pixels that are unlike and have different labels '
        'as a gain, so it falls below 0 as clusters come apart'
    )

    def cost(self, attraction: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """(F - b) (1 - Y)."""
        return attraction * (1 - cosines(first, second))
