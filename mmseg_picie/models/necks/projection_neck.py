"""The head that STEGO trains on a frozen backbone."""

from collections.abc import Sequence

from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError, check_choice
from ..channels import check_channels
from ..joined_levels import joined_levels

ACTIVATIONS = dict(relu=nn.ReLU, silu=nn.SiLU)


@MODELS.register_module()
class ProjectionNeck(BaseModule):
    """A linear map plus a small network, cell by cell (STEGO, section 3.2).

    The embedding is W x + MLP(x): one 1x1 convolution, plus a 1x1 convolution, an
    activation and another 1x1 convolution. x is a cell of the backbone's last map or,
    where the backbone gives several, of all of them
    (:func:`~mmseg_picie.models.joined_levels`).

    Args:
        in_channels: Channels of each map of the backbone, finest first. In a segmentor
            of this package 'auto' takes them from the backbone.
        out_channels: Embedding size D (STEGO: 70 with ViT-S, 90 with ViT-B; SmooSeg:
            64).
        dropout: Probability with which a channel of x is left out in training, in
            [0, 1); the two parts draw on their own (STEGO: 0.1; SmooSeg: 0.2).
        activation: 'relu' (default, STEGO's) or 'silu' (SmooSeg's).
        init_cfg: mmengine initialization.

    Raises:
        InputError: If ``in_channels`` is no list of numbers, ``dropout`` is out of
            range or ``activation`` is unknown.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int = 70,
        dropout: float = 0.1,
        activation: str = 'relu',
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        check_channels(in_channels)
        check_choice('neck.activation', activation, tuple(ACTIVATIONS))
        if not 0 <= dropout < 1:
            raise InputError(f'neck.dropout must lie in [0, 1), got {dropout}')
        self.in_channels = list(in_channels)
        self.out_channels = out_channels
        size = sum(in_channels)
        self.dropout = nn.Dropout2d(dropout)
        self.linear = nn.Conv2d(size, out_channels, 1)
        self.nonlinear = nn.Sequential(
            nn.Conv2d(size, size, 1),
            ACTIVATIONS[activation](),
            nn.Conv2d(size, out_channels, 1),
        )

    def forward(self, inputs: Tensor | Sequence[Tensor]) -> tuple[Tensor]:
        """The embedding before normalization, in a tuple as mmseg's heads expect.

        Args:
            inputs: Maps of the backbone, (N, C_i, h_i, w_i), or :meth:`join` of them.

        Returns:
            (N, D, h_0, w_0).

        Raises:
            InputError: If the maps are not those of ``in_channels``.
        """
        maps = self.join(inputs)
        return (self.linear(self.dropout(maps)) + self.nonlinear(self.dropout(maps)),)

    def join(self, inputs: Tensor | Sequence[Tensor]) -> Tensor:
        """The backbone's maps as one, (N, sum C_i, h_0, w_0): x above."""
        if not isinstance(inputs, Tensor):
            channels = [level.shape[1] for level in inputs]
            if channels != self.in_channels:
                raise InputError(
                    f'neck.in_channels is {self.in_channels}, the backbone gives '
                    f"{channels}: set in_channels to that, or to 'auto'"
                )
        return joined_levels(inputs)
