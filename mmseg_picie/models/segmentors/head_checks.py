"""Configs of the heads of a method, and refusal of options without an effect."""

from collections.abc import Sequence

from mmseg.registry import MODELS
from torch import nn

from ...config_types import is_config_of
from ...errors import InputError
from ..decode_heads import ClassifierHead, ClusteringHead
from ..losses import ClusteringLoss


def head_config(config: dict, num_views: int) -> dict:
    """The config of a decode head, told how many views are clustered.

    Args:
        config: As the user gave it.
        num_views: Views V.

    Raises:
        InputError: If it is no config of a ``ClusteringHead``.
    """
    if not is_config_of(config, MODELS, ClusteringHead):
        raise InputError(
            'model.decode_head must be a ClusteringHead or ClassifierHead, got '
            f'{config.get("type")}'
        )
    return dict(config, num_views=num_views)


def auxiliary_config(decode_head: dict, num_clusters: int | None) -> dict | None:
    """The config of a second head that clusters the points of the first.

    Args:
        decode_head: Config of the first head.
        num_clusters: K of the second, or None for no second head.

    Raises:
        InputError: If both have the same K: they would be the same clustering.
    """
    if num_clusters is None:
        return None
    if num_clusters == decode_head['num_clusters']:
        raise InputError(
            'model.auxiliary_clusters must differ from decode_head.num_clusters, got '
            f'{num_clusters} for both; set another number or None'
        )
    embedding = ('in_channels', 'normalize', 'in_index', 'num_views')
    shared = {name: decode_head[name] for name in embedding if name in decode_head}
    return dict(type='ClusteringHead', num_clusters=num_clusters, **shared)


def check_heads(heads: Sequence[nn.Module], num_views: int, model: str) -> None:
    """Checks the options of a model's heads against its views.

    Args:
        heads: The decode head and, if there is one, the auxiliary head.
        num_views: Views that are clustered and trained on.
        model: Name of the model's type.

    Raises:
        InputError: If an option would have no effect.
    """
    _check_classifier(heads, num_views, model)
    if num_views == 1:
        _check_loss_of_one_view(heads[0].clustering_loss, model)


def check_unit_vectors(head: nn.Module, option: str) -> None:
    """Refuses a term that compares unit vectors where the embedding has none.

    Args:
        head: The decode head.
        option: Option of the model that asks for the term.

    Raises:
        InputError: If vectors keep their length.
    """
    if not head.normalize:
        raise InputError(
            f'model.{option} compares unit vectors, and decode_head.normalize is '
            f'False: set it to True, or leave {option} out'
        )


def _check_classifier(heads: Sequence[nn.Module], num_views: int, model: str) -> None:
    """A learned classifier is one that the loss reaches."""
    learned = any(isinstance(head, ClassifierHead) for head in heads)
    if learned and (len(heads), num_views) != (1, 1):
        raise InputError(
            'a ClassifierHead learns from one view and is the only head: set '
            f'model.type=MDC without auxiliary_clusters, got {model} with {len(heads)} '
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
