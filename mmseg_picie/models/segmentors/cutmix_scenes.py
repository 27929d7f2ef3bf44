"""Learning from scenes into which regions of other images are pasted."""

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError
from ...views import warp
from ..points import valid_cells
from .head_checks import check_unit_vectors
from .trained_segmentor import TrainedSegmentor


@MODELS.register_module()
class CutMixScenes(TrainedSegmentor):
    """Finds a pasted region and gives it the embedding that its source has.

    Scenes are those of ``CutMixDataset``: objects without a label, whose outline and
    origin are known. The idea is a thesis's for detection, where synthetic scenes take
    the place of selective search; the images are mixed as in CutMix (Yun et al., ICCV
    2019). The source is seen as a whole and in other colors, so a pixel's embedding is
    to hold what it shows, whatever lies around it. It comes from a copy of the network
    that is made before each round: from the network in training, all pixels would soon
    have one embedding.

    Nothing is clustered while it trains; ``RefitHook`` clusters its embedding after a
    round, for prediction. Its weights are a start for PiCIE and for training with
    labels.

    Args:
        region: Config of the loss, a ``PastedRegionLoss``.
        **kwargs: Arguments of :class:`TrainedSegmentor`; ``decode_head`` is a
            ``ClusteringHead`` without a loss.

    Raises:
        InputError: If the embedding is not of unit length.
    """

    clustered_views = ('scene', 'source')

    def __init__(self, region: dict, **kwargs) -> None:
        super().__init__(**kwargs)
        check_unit_vectors(self.decode_head, 'region')
        self.region_loss = MODELS.build(region)
        size = self.decode_head.in_channels
        self.paste_head = nn.Sequential(
            nn.Conv2d(size, size, 1), nn.ReLU(), nn.Conv2d(size, 1, 1)
        )

    def round_begins(self, seed: int, round_index: int) -> None:
        """Keeps the network that gives the sources their embedding."""
        super().round_begins(seed, round_index)
        self.freeze_network()

    def batch_losses(self, inputs: dict) -> dict[str, Tensor]:
        """``loss_find`` and ``loss_embed`` of a batch of scenes.

        Raises:
            InputError: If the data set makes no scenes.
        """
        if 'scene' not in inputs:
            raise InputError(
                'CutMixScenes learns from the scenes of CutMixDataset: wrap the '
                "training images, train_dataloader.dataset=dict(type='CutMixDataset', "
                'dataset=...)'
            )
        maps = self.trained_features(inputs['scene'])
        known = self._frozen_features(inputs['source']).detach().float()
        where = inputs['source_box'], inputs['source_flip']
        known = warp(known, *where, maps.shape[2:], inputs['source_turns'])
        valid = valid_cells(inputs.get('scene_ignore'), maps)
        return self.region_loss(
            self.paste_head(maps.float()),  # the network may run in bfloat16
            self.decode_head.unit(maps),
            self.decode_head.unit(known),
            pasted=valid & valid_cells(~inputs['pasted'], maps),
            clear=valid & valid_cells(inputs['pasted'], maps),
        )

    def empty_losses(self) -> dict[str, Tensor]:
        """Both terms of no scene, whose means the other processes wait for."""
        weight = self.paste_head[0].weight
        maps = weight.new_zeros(0, len(weight), 1, 1)
        none = maps.new_zeros(0, dtype=torch.bool)
        return self.region_loss(maps[:, :1], maps, maps, none, none)
