"""What the methods share that compare pairs of images by a frozen backbone."""

from contextlib import nullcontext

from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError, check_least
from ..image_pairs import points_at, random_others, random_places
from ..losses import ImagePairs, PairLoss
from ..necks import ProjectionNeck
from .trained_segmentor import TrainedSegmentor

Maps = tuple[Tensor, Tensor]  # features and codes of images


class PairSegmentor(TrainedSegmentor):
    """Learns a projection of a frozen backbone by comparing pairs of images.

    Each image is compared with itself, with one of its nearest images
    (:class:`~mmseg_picie.datasets.NeighborDataset`) and with other images of the batch,
    as far as the loss has weights for them. The backbone stays as it is, in evaluation
    mode. A method says in :meth:`compared` what of the projection is compared, and in
    :meth:`head_losses` what its head learns.

    Args:
        pair_loss: Config of a :class:`~mmseg_picie.models.PairLoss`.
        points: Side of the square of points that are drawn of each image in a step;
            None for all cells.
        random_images: Other images of the batch that each image is compared with.
        feature_dropout: Probability with which a channel of the features is left out
            before they are compared, in [0, 1).
        **kwargs: Arguments of :class:`TrainedSegmentor`; the neck is a
            :class:`~mmseg_picie.models.ProjectionNeck`.

    Raises:
        InputError: If an argument is out of range, or neck or loss are others.
    """

    clustered_views = ('view1',)

    def __init__(
        self,
        pair_loss: dict,
        points: int | None = None,
        random_images: int = 1,
        feature_dropout: float = 0.0,
        **kwargs,
    ) -> None:
        check_least('model.points', points, 1)
        check_least('model.random_images', random_images, 1)
        if not 0 <= feature_dropout < 1:
            raise InputError(
                f'model.feature_dropout must lie in [0, 1), got {feature_dropout}'
            )
        super().__init__(frozen_backbone=True, **kwargs)
        if not self.with_neck or not isinstance(self.neck, ProjectionNeck):
            raise InputError(
                f'{type(self).__name__} learns a projection: model.neck.type must be '
                f'ProjectionNeck, got {kwargs.get("neck")}'
            )
        self.pair_loss = MODELS.build(pair_loss)
        if not isinstance(self.pair_loss, PairLoss):
            raise InputError(
                'model.pair_loss must be a loss over pairs of images such as '
                f'STEGOLoss, got {pair_loss["type"]}'
            )
        self.points = points
        self.random_images = random_images
        self.feature_dropout = nn.Dropout2d(feature_dropout)

    # --- what a method says -------------------------------------------------------

    def compared(self, codes: Tensor) -> Tensor:
        """What of the neck's output is compared, (N, D, h, w) -> (N, E, h, w)."""
        return codes

    def head_losses(self, codes: Tensor) -> dict[str, Tensor]:
        """Terms of the head, of the neck's output for the images, (N, D, h, w).

        N is 0 on a process without samples.
        """
        raise NotImplementedError

    # --- training -----------------------------------------------------------------

    def batch_losses(self, inputs: dict) -> dict[str, Tensor]:
        """The terms of the loss over pairs and those of the head.

        Raises:
            InputError: If the loss compares neighbors and the data set has none, or
                pixels are to be ignored.
        """
        if 'ignore' in inputs:
            raise InputError(
                f'{type(self).__name__} compares all pixels and has no way to ignore '
                'some: take the mask (LoadIgnoreMask) out of train_pipeline'
            )
        own, neighbor = self._maps(inputs.get('train_view1', inputs['view1'])), None
        if 'neighbor' in self.pair_loss.kinds:
            if 'neighbor' not in inputs:
                raise InputError(
                    'model.pair_loss.weights.neighbor needs the nearest images: wrap '
                    "train_dataloader.dataset in dict(type='NeighborDataset') and add "
                    "neighbors=dict(type='NeighborTableHook') to default_hooks"
                )
            neighbor = self._maps(inputs['neighbor'])
        return self._losses(own, neighbor)

    def empty_losses(self) -> dict[str, Tensor]:
        """The same terms of no images, which take part in the sums over processes."""
        nothing = next(self.neck.parameters()).new_zeros
        features = nothing(0, sum(self.neck.in_channels), 1, 1)
        none = features, nothing(0, self.neck.out_channels, 1, 1)
        return self._losses(none, none)

    def _maps(self, images: Tensor) -> Maps:
        """Features and codes of images, as the loss takes them, float32."""
        images = images.contiguous(memory_format=self.memory_format)
        with self._compute_precision(images, nullcontext()):
            features = self.neck.join(self.backbone(images))
            codes = self.decode_head.embed(self.neck(features))
        return self.feature_dropout(features.float()), codes.float()

    def _losses(self, own: Maps, neighbor: Maps | None) -> dict[str, Tensor]:
        features, codes = own
        pairs = self._pairs((features, self.compared(codes)), neighbor)
        return {**self.pair_loss(pairs), **self.head_losses(codes)}

    def _pairs(self, own: Maps, neighbor: Maps | None) -> dict[str, list[ImagePairs]]:
        """The pairs of each kind, at places that are drawn anew for each image."""
        count = len(own[0])
        first, second = self._places(count), self._places(count)
        here = _points(own, first)
        pairs = {'self': [_pair(here, here)], 'random': []}
        if neighbor is not None:
            neighbor = neighbor[0], self.compared(neighbor[1])
            pairs['neighbor'] = [_pair(here, _points(neighbor, second))]
        for _ in range(self.random_images):
            others = random_others(count)
            there = _points(_images(own, others), _rows(second, len(others)))
            pairs['random'].append(_pair(_images(here, slice(len(others))), there))
        return pairs

    def _places(self, count: int) -> Tensor | None:
        return None if self.points is None else random_places(count, self.points)


def _rows(places: Tensor | None, count: int) -> Tensor | None:
    return None if places is None else places[:count]


def _images(maps: Maps, index: Tensor | slice) -> Maps:
    return tuple(values[index] for values in maps)


def _points(maps: Maps, places: Tensor | None) -> Maps:
    return tuple(points_at(values, places) for values in maps)


def _pair(first: Maps, second: Maps) -> ImagePairs:
    return ImagePairs(*zip(first, second, strict=True))
