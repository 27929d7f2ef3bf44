"""A trained network that only embeds, for tools that look at its embedding."""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from torch import Tensor, nn

from ..checkpoints import check_loaded, read_run_checkpoint
from ..engine import images_by_shape
from ..errors import InputError


class Embedded(NamedTuple):
    """One image as the network sees it.

    Attributes:
        position: Its place in the batch.
        embedding: (D, h, w) float32, of the padded image.
        padded_size: Height and width of the image after padding.
        ignore: Pixels to leave out, (H, W) bool of the padded image, or None.
    """

    position: int
    embedding: Tensor
    padded_size: tuple[int, int]
    ignore: Tensor | None


class EmbeddingNetwork:
    """Backbone, neck and embedding of a checkpoint, in evaluation mode.

    Centroids are not used: they need not be fitted.

    Args:
        cfg: Config whose ``model`` the checkpoint is of.
        checkpoint: File or address.

    Raises:
        MissingFileError: If the checkpoint does not exist.
        InputError: If it is of another network, or the network has no embedding.
    """

    def __init__(self, cfg: Config, checkpoint: str) -> None:
        loaded = read_run_checkpoint(checkpoint)
        init_default_scope(cfg.get('default_scope') or 'mmseg')
        model = MODELS.build(cfg.model)
        head = getattr(model, 'decode_head', None)
        if not (hasattr(head, 'embed') and hasattr(head, 'unit')):
            raise InputError(
                f'model.decode_head is {type(head).__name__}, which has no embedding: '
                'name the config of a clustering method (ClusteringHead)'
            )
        check_loaded(model, loaded)
        state = loaded['state_dict']
        model.load_state_dict({k.removeprefix('module.'): state[k] for k in state})
        model.requires_grad_(False)
        self.model = model.eval().to(get_device())

    def embed(self, samples: list[dict]) -> Iterator[Embedded]:
        """Embeds packed test samples, as :func:`embed_samples`."""
        return embed_samples(self.model, samples)


@torch.no_grad()
def embed_samples(model: nn.Module, samples: list[dict]) -> Iterator[Embedded]:
    """Embeds packed test samples, those of equal size together.

    Args:
        model: A segmentor of clusters, in evaluation mode.
        samples: Outputs of ``PackSegInputs``.
    """
    groups = images_by_shape(samples, model.data_preprocessor)
    for positions, images, ignore in groups:
        maps = model.embed(images)
        size = tuple(images.shape[-2:])
        for place, position in enumerate(positions):
            mask = None if ignore is None else ignore[place]
            yield Embedded(position, maps[place], size, mask)
