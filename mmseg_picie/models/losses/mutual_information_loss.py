"""Mutual information of the clusters of two views, over small displacements."""

import torch
import torch.nn.functional as F
from mmengine.dist import get_world_size
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError, check_least
from .process_means import over_processes


@MODELS.register_module()
class MutualInformationLoss(nn.Module):
    """What the cluster of a pixel in one view tells of that near it in the other.

    IIC (Ji et al., ICCV 2019, section 3.3). For a displacement t of at most T cells
    along each axis, the joint distribution of clusters is

        P_t = sum over u of phi_u(x1) phi_(u + t)(x2)^T

    over all pixels u of the batch where both views have something to see, brought to
    sum 1 and made symmetric. Its mutual information is high where the two clusters are
    predictable from one another and all clusters are used. The loss is minus that
    information, averaged over all (2 T + 1)^2 displacements:

        sum over a, b of P_t(a, b) (w log P_t(a) + w log P_t(b) - log P_t(a, b))

    With w = 1 this is the mutual information. All P_t come from one convolution, of the
    second view's maps with the first view's as kernel.

    With several processes the P_t are those of all of them together, so that values and
    gradients are those of one process with the whole batch.

    Args:
        displacement: T, in cells of the maps, >= 0.
        entropy_weight: w; above 1 it asks for clusters of equal size more than for
            predictable ones (lambda in the paper's code).

    Raises:
        InputError: If an argument is out of range.
    """

    # What a console says when a loss is below 0.
    below_zero = (
        'the loss is minus the mutual information of both views, so it falls below 0 '
        'as one view tells more of the other'
    )

    def __init__(self, displacement: int = 10, entropy_weight: float = 1.0) -> None:
        super().__init__()
        check_least('MutualInformationLoss.displacement', displacement, 0)
        if entropy_weight <= 0:
            raise InputError(
                'MutualInformationLoss.entropy_weight must be > 0, got '
                f'{entropy_weight}'
            )
        self.displacement = displacement
        self.entropy_weight = entropy_weight

    def forward(self, first: Tensor, second: Tensor, valid: Tensor) -> Tensor:
        """Minus the mean information of a batch; 0 without a valid pixel.

        Args:
            first: Cluster probabilities of view 1, (N, K, h, w); N may be 0 on some
                processes.
            second: Likewise of view 2, in the frame of view 1.
            valid: Cells that both views see, (N, h, w) bool.

        Returns:
            (), of all processes. The average of its gradients over processes (DDP) is
            the gradient of that value.
        """
        # Sums over a batch need more than half precision.
        with torch.autocast(first.device.type, enabled=False):
            counts = self.joint_counts(first, second, valid)
            # A mean over processes times their number is their sum.
            return -self.information(over_processes(counts * get_world_size()))

    def joint_counts(self, first: Tensor, second: Tensor, valid: Tensor) -> Tensor:
        """P_t before they are brought to sum 1, of this process.

        Args:
            first: (N, K, h, w).
            second: (N, K, h, w).
            valid: (N, h, w) bool.

        Returns:
            (K, K, 2 T + 1, 2 T + 1): clusters of view 1, of view 2, and displacements
            along rows and columns, from -T on.
        """
        num_clusters, side = first.shape[1], 2 * self.displacement + 1
        if not len(first):
            return first.new_zeros(num_clusters, num_clusters, side, side)
        # The clusters of view 2 are the images of the convolution, those of view 1 its
        # kernels, and the images of the batch its channels.
        kernel, maps = (
            (view * valid[:, None]).transpose(0, 1) for view in (first, second)
        )
        return F.conv2d(maps, kernel, padding=self.displacement).transpose(0, 1)

    def information(self, joint: Tensor) -> Tensor:
        """Mean information over displacements, ().

        Args:
            joint: As :meth:`joint_counts` gives it.
        """
        joint = joint.flatten(2).permute(2, 0, 1)  # (displacements, K, K)
        totals = joint.sum((1, 2))
        seen = totals > 0
        joint = joint / torch.where(seen, totals, 1.0)[:, None, None]
        joint = ((joint + joint.mT) / 2).clamp(min=torch.finfo(joint.dtype).tiny)
        single = joint.sum(1).log()
        outer = self.entropy_weight * (single[:, :, None] + single[:, None])
        values = (joint * (joint.log() - outer)).sum((1, 2))
        return (values * seen).sum() / seen.sum().clamp(min=1)
