"""IIC as an mmseg segmentor."""

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...config_types import is_config_of
from ...errors import InputError, check_choice
from ...views import inverse_warp
from ..decode_heads import SoftmaxHead
from .trained_segmentor import TrainedSegmentor

HEAD_SCHEDULES = ('alternate', 'joint')
FINAL, AUXILIARY = 'loss_information', 'loss_information_auxiliary'


@MODELS.register_module()
class IIC(TrainedSegmentor):
    """Invariant information clustering of pixels (Ji et al., ICCV 2019, section 3.3).

    A head gives each pixel a distribution over clusters. Two views of an image, one of
    them with other colors, one of them flipped, cropped or turned, are to tell as much
    as possible of one another's clusters (``MutualInformationLoss``). Nothing is
    clustered and no pretrained weights are needed.

    A second head with more clusters (``auxiliary_head``) trains the same network; only
    the decode head predicts.

    View 2 of the data preprocessor is the whole frame, view 1 its flipped and cropped
    version; the latter's clusters are brought back by the inverse warp, and pixels that
    only one view sees do not count. With ``PairedViews(train_view1='plain')`` one view
    alone has its colors changed, as in the paper.

    Args:
        decode_head: Config of a ``SoftmaxHead`` with a ``MutualInformationLoss`` as
            ``loss``.
        auxiliary_head: What is different in the over-clustering head, such as
            ``dict(num_clusters=15)``; the rest, of its loss as well, is as in
            ``decode_head``. None (default) trains one head.
        head_schedule: How two heads share the rounds: 'alternate' (default, as in the
            paper: the auxiliary head in the first round and in each second after it,
            the decode head in the others, so that an even number of rounds ends with
            the head that predicts) or 'joint' (both in every step).
        upsample: Whether probabilities are enlarged to the pixels of the views before
            the loss (default, as in the paper). False compares the cells of the map;
            at stride 4 that is a sixteenth of the work, and
            ``MutualInformationLoss.displacement`` counts cells of the map.
        **kwargs: Arguments of :class:`TrainedSegmentor`.

    Raises:
        InputError: If an option is unknown, or a head is of another kind or has no
            loss.
    """

    def __init__(
        self,
        decode_head: dict,
        auxiliary_head: dict | None = None,
        head_schedule: str = 'alternate',
        upsample: bool = True,
        **kwargs,
    ) -> None:
        check_choice('model.head_schedule', head_schedule, HEAD_SCHEDULES)
        if auxiliary_head is not None:
            auxiliary_head = _merged(decode_head, auxiliary_head)
        for name, config in dict(
            decode_head=decode_head, auxiliary_head=auxiliary_head
        ).items():
            if config is not None:
                _check_head(name, config)
        super().__init__(
            decode_head=decode_head, auxiliary_head=auxiliary_head, **kwargs
        )
        self.head_schedule = head_schedule
        self.upsample = upsample
        self._round = 0

    def round_begins(self, seed: int, round_index: int) -> None:
        """Chooses the heads that are trained in the round."""
        self._round = round_index

    @property
    def trained_heads(self) -> dict[str, nn.Module]:
        """The heads that learn in this round, by the name of their loss."""
        heads = {FINAL: self.decode_head}
        if self.with_auxiliary_head:
            heads[AUXILIARY] = self.auxiliary_head
            if self.head_schedule == 'alternate':
                name = FINAL if self._round % 2 else AUXILIARY
                heads = {name: heads[name]}
        return heads

    def batch_losses(self, inputs: dict) -> dict[str, Tensor]:
        """Minus the information of each head that is trained in this round."""
        view1 = inputs.get('train_view1', inputs['view1'])
        features = [self.trained_features(view) for view in (inputs['view2'], view1)]
        # A head that rests has a gradient of zero, which DDP waits for.
        zero = sum(self.zero_of(head) for head in self.clustering_heads)
        losses = {}
        for name, head in self.trained_heads.items():
            whole, part = (head.probabilities(head.unit(maps)) for maps in features)
            whole, part, valid = self._in_one_frame(whole, part, inputs)
            losses[name] = head.clustering_loss(whole, part, valid) + zero
            zero = 0.0
        return losses

    def _in_one_frame(
        self, whole: Tensor, part: Tensor, inputs: dict
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Both views' maps in the whole frame, and the cells (N, h, w) that count."""
        size = tuple((inputs['view2'] if self.upsample else whole).shape[2:])
        geometric = inputs['box'], inputs['flip'], size, inputs['turns']
        part, valid = inverse_warp(part, *geometric)
        if whole.shape[2:] != size:
            whole = nn.functional.interpolate(
                whole, size, mode='bilinear', align_corners=False
            )
        ignore = inputs.get('ignore')
        if ignore is not None:
            touched, _ = inverse_warp(ignore[:, None].to(part.dtype), *geometric)
            valid = valid & (touched[:, 0] == 0)
        return whole, part, valid

    def empty_losses(self) -> dict[str, Tensor]:
        """The same terms with no images, which take part in the sums over processes."""
        losses = {}
        for name, head in self.trained_heads.items():
            maps = head.classifier.weight.new_zeros(0, head.num_clusters, 1, 1)
            valid = torch.zeros(0, 1, 1, dtype=torch.bool, device=maps.device)
            losses[name] = head.clustering_loss(maps, maps, valid)
        return losses


def _merged(config: dict, changes: dict) -> dict:
    """A config with changes, also of the configs in it."""
    inner = {
        name: _merged(config[name], value)
        for name, value in changes.items()
        if isinstance(value, dict) and isinstance(config.get(name), dict)
    }
    return {**config, **changes, **inner}


def _check_head(name: str, config: dict) -> None:
    if not is_config_of(config, MODELS, SoftmaxHead):
        raise InputError(
            f'model.{name} of IIC must be a SoftmaxHead, whose clusters are learned, '
            f'got {config.get("type")}'
        )
    if config.get('loss') is None:
        raise InputError(
            f'model.{name}.loss of IIC is None, so there is nothing to train: set it, '
            "for example to dict(type='MutualInformationLoss')"
        )
