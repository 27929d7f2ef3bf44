"""Refuses heads that do not go together, or options of theirs without an effect."""

from collections.abc import Sequence

from torch import nn

from ...errors import InputError
from ..decode_heads.classifier_head import ClassifierHead
from ..decode_heads.clustering_head import ClusteringHead
from ..losses.clustering_loss import ClusteringLoss


def check_heads(heads: Sequence[nn.Module], num_views: int, model: str) -> None:
    """Checks the heads of a model against each other and its views.

    Args:
        heads: The decode head and, if there is one, the auxiliary head.
        num_views: Views that are clustered and trained on.
        model: Name of the model's type.

    Raises:
        InputError: If an option would have no effect.
    """
    if len(heads) > 1:
        _check_auxiliary_head(*heads)
    _check_classifier(heads, num_views, model)
    if num_views == 1:
        _check_loss_of_one_view(getattr(heads[0], 'clustering_loss', None), model)


def check_view_options(
    options: dict[str, object],
    label_network: str,
    head: nn.Module,
    num_views: int,
    model: str,
) -> None:
    """Checks options of a model that compare its two views.

    Args:
        options: ``label_agreement`` and ``correspondence`` as configured.
        label_network: Option of the model.
        head: The decode head.
        num_views: Views that are clustered and trained on.
        model: Name of the model's type.

    Raises:
        InputError: If there is nothing to compare.
    """
    for name, value in options.items():
        if value and num_views < 2:
            raise InputError(
                f'model.{name}={value!r} compares two views and {model} trains on one: '
                'leave it out, or set model.type=PiCIE'
            )
    if not options['correspondence']:
        return
    if label_network != 'frozen':
        raise InputError(
            'model.correspondence takes its features from the frozen copy, and '
            f"label_network={label_network!r} runs none: set it to 'frozen'"
        )
    if not head.normalize:
        raise InputError(
            'model.correspondence compares unit vectors, and decode_head.normalize is '
            'False: set it to True, or leave correspondence out'
        )


def _check_auxiliary_head(first: nn.Module, second: nn.Module) -> None:
    if not isinstance(second, ClusteringHead):
        raise InputError(
            'auxiliary_head must be the config of one ClusteringHead, got '
            f'{type(second).__name__}'
        )
    for name in ('in_channels', 'in_index', 'normalize'):
        if getattr(first, name) != getattr(second, name):
            raise InputError(
                f'auxiliary_head.{name} must be that of decode_head, '
                f'{getattr(first, name)}, got {getattr(second, name)}'
            )
    if first.num_clusters == second.num_clusters:
        raise InputError(
            'auxiliary_head.num_clusters must differ from that of decode_head, got '
            f'{second.num_clusters} for both: they would be the same clustering; set '
            'another number or model.auxiliary_head=None'
        )
    if second.clustering_loss is not None:
        raise InputError(
            'auxiliary_head.loss must be None: decode_head.loss is that of both'
        )


def _check_classifier(heads: Sequence[nn.Module], num_views: int, model: str) -> None:
    """A learned classifier is one that the loss reaches."""
    learned = any(isinstance(head, ClassifierHead) for head in heads)
    if learned and (len(heads), num_views) != (1, 1):
        raise InputError(
            'a ClassifierHead learns from one view and is the only head: set '
            f'model.type=MDC without auxiliary_head, got {model} with {len(heads)} '
            'head(s)'
        )


def _check_loss_of_one_view(loss: nn.Module | None, model: str) -> None:
    if not isinstance(loss, ClusteringLoss):
        return
    for name, default in (('cross_loss', 'clustering'), ('cross', 1.0)):
        value = getattr(loss, name)
        if value != default:
            raise InputError(
                f'decode_head.loss.{name}={value!r} has no effect in {model}, which '
                'trains on one view and has no cross-view terms: leave it out, or set '
                'model.type=PiCIE'
            )
