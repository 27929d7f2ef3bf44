"""Predictor: a trained network that gives masks of images."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.device import get_device
from torch import Tensor

from ..checkpoints import build_segmentor
from ..errors import InputError
from ..files import Raster
from ..mask_files import id_dtype, ignore_id
from ..models import BaseClusteringHead
from ..refinement import Refinement, make_refinement
from .input_images import InputImage, input_images, is_one_image
from .network_input import network_resize
from .reading import ReadImage, read_ahead
from .tiles import tiles
from .upsampling import SeenSize, ids_and_confidences, ids_at_size

TEMPERATURE = 0.1  # of confidences where the head has no loss with one
REFINED_VALUES = 200_000_000  # shares of an image at most, 800 MB of float32


class Prediction(NamedTuple):
    """What the network says of one image.

    Attributes:
        image: The image.
        ids: Class of each pixel once clusters have names, 255 for none; cluster of
            each pixel before, (H, W) uint8 (uint16 with more than 255 ids).
        confidence: How sure the network is, in [0, 1], (H, W) float16; None unless
            asked for.
    """

    image: InputImage
    ids: np.ndarray
    confidence: np.ndarray | None


class Predictor:
    """Images in, masks out.

    Args:
        checkpoint: Written by a training or by naming; nothing else is needed.
        device: 'cpu', 'cuda', 'cuda:1' ...; by default a GPU where there is one.
        predict_as: What masks hold, 'clusters' or 'classes'; by default classes once
            clusters have names.
        refine: How masks follow the edges of the image, as for
            :func:`~mmseg_picie.refinement.make_refinement`; by default as the
            checkpoint's config says, which is not at all unless it was set.

    Attributes:
        refinement: What ``refine`` stands for, or None.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it is no checkpoint of a run.
    """

    def __init__(
        self,
        checkpoint: str | Path,
        device: str | None = None,
        predict_as: str | None = None,
        refine: str | Mapping | Refinement | None = None,
    ) -> None:
        self.checkpoint = Path(checkpoint)
        self.device = torch.device(device or get_device())
        model, self.cfg = build_segmentor(checkpoint)
        if predict_as is not None:
            model.predict_as = predict_as
        model.decode_head.require_fitted()
        model.require_colors()
        self.model = model.to(self.device)
        named = model.refinement if refine is None else refine
        self.refinement = make_refinement(named)
        self.resize = network_resize(self.cfg)
        self._settle_ids()

    def _settle_ids(self) -> None:
        """What masks hold follows from the names of the model's clusters."""
        self._id_type = id_dtype(len(self.classes))
        ids = self.model.mask_ids.clone()
        if self.model.predict_as == 'classes':
            unnamed = self.model.decode_head.cluster_to_class < 0
            ids[unnamed] = ignore_id(len(self.classes))
        # torch has no arithmetic of uint16.
        narrow = torch.uint8 if self._id_type == np.uint8 else torch.int32
        self._id_of_cluster = ids.to(narrow)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the ids in the masks."""
        return tuple(self.model.dataset_meta['classes'])

    @property
    def palette(self) -> list:
        """Color of each of them, [r, g, b]."""
        return [list(color) for color in self.model.dataset_meta['palette']]

    @property
    def num_clusters(self) -> int:
        """Number of clusters K."""
        return self.model.decode_head.num_clusters

    def predict(
        self,
        images: Any,
        batch_size: int = 8,
        refine: str | Mapping | Refinement | None = None,
    ) -> np.ndarray | Iterator[np.ndarray]:
        """Masks of images.

        Args:
            images: A file, an array ((H, W, 3) uint8 RGB or (H, W) gray), a Pillow
                image; a folder or an iterable of these.
            batch_size: Images of equal size that pass the network together.
            refine: As for the constructor, for this call alone.

        Returns:
            (H, W) ids of one image; of a folder or an iterable an iterator of such
            masks, which holds few images at a time.
        """
        source = copy.copy(self)
        if refine is not None:
            source.refinement = make_refinement(refine)
        found = source.predictions(input_images(images), batch_size)
        if is_one_image(images):
            return next(found).ids
        return (prediction.ids for prediction in found)

    def predictions(
        self,
        images: Iterable[InputImage],
        batch_size: int = 8,
        confidence: bool = False,
        tile: int | None = None,
        on_unreadable: Callable[[InputImage, InputError], None] | None = None,
    ) -> Iterator[Prediction]:
        """As :meth:`predict`, with the images and how sure the network is.

        Args:
            images: From :func:`input_images`.
            batch_size: Images of equal size that pass the network together.
            confidence: Whether to compute it.
            tile: Side in pixels of the tiles that larger images are cut into, each of
                which the network sees as an image of its own. By default only images
                of more than 50 megapixels are cut, into tiles of 1024, and with a
                refinement those whose shares would fill the memory.
            on_unreadable: Told of an image that cannot be read, which is then left
                out. By default that is an error.

        Yields:
            One for each image, in order.

        Raises:
            InputError: If ``batch_size`` < 1, or an image cannot be read.
        """
        if batch_size < 1:
            raise InputError(f'batch_size must be >= 1, got {batch_size}')
        most = REFINED_VALUES // self.num_clusters if self.refinement else None
        for batch in read_ahead(images, batch_size, self.resize, tile, most):
            pixels = [read.pixels for read in batch if read.pixels is not None]
            scores = iter(self._scores(pixels))
            for read in batch:
                try:
                    if read.error is not None:
                        raise read.error
                    if read.pixels is None:
                        found = self._stitch(read, confidence)
                    else:
                        found = self._ids(
                            *next(scores), read.pixels, read.size, confidence
                        )
                except InputError as error:
                    if on_unreadable is None:
                        raise
                    on_unreadable(read.image, error)
                else:
                    yield Prediction(read.image, *found)

    def rows(
        self, pixels: np.ndarray | Raster, side: int, confidence: bool = False
    ) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """Ids and confidences of a large image from top to bottom, some rows at a time.

        Args:
            pixels: The image, (H, W, 3) uint8 BGR; of a raster only some rows are in
                memory.
            side: Of its tiles in pixels, each of which the network sees as an image.
            confidence: Whether to compute it.

        Yields:
            (r, W) each, as in :class:`Prediction`; together (H, W).

        Raises:
            InputError: If the image cannot be read, or ``side`` < 64.
        """
        size = pixels.shape[:2]
        by_row = groupby(tiles(size, side), key=lambda tile: tile.write[0])
        for rows, row_of_tiles in by_row:
            shape = (rows.stop - rows.start, size[1])
            ids = np.empty(shape, self._id_type)
            shares = np.empty(shape, np.float16) if confidence else None
            for tile in row_of_tiles:
                part = pixels[tile.read]
                resized = self.resize(part)
                (scores,) = self._scores([resized])
                own, sure = self._ids(*scores, resized, part.shape[:2], confidence)
                ids[:, tile.write[1]] = own[tile.inner]
                if shares is not None:
                    shares[:, tile.write[1]] = sure[tile.inner]
            yield ids, shares

    def _stitch(
        self, read: ReadImage, confidence: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Ids and confidences of a large image, tile by tile."""
        ids = np.empty(read.size, self._id_type)
        shares = np.empty(read.size, np.float16) if confidence else None
        start = 0
        with read.image.open() as pixels:
            for own, sure in self.rows(pixels, read.tile, confidence):
                part = slice(start, start + len(own))
                ids[part] = own
                if shares is not None:
                    shares[part] = sure
                start = part.stop
        return ids, shares

    @torch.inference_mode()
    def embed(self, pixels: np.ndarray) -> Tensor:
        """Unit vectors of an image, (H, W, 3) uint8 BGR -> (D, h, w) float32."""
        resized = np.ascontiguousarray(self.resize(pixels))
        inputs = [torch.from_numpy(resized).permute(2, 0, 1)]
        batch = self.model.data_preprocessor(dict(inputs=inputs))['inputs']
        return self.model.embed(batch)[0].clone()

    @torch.inference_mode()
    def _scores(self, images: list[np.ndarray]) -> list[tuple[Tensor, SeenSize]]:
        """Scores of each image on the network's grid, (K, h, w), and what it saw."""
        groups: dict[tuple, list[int]] = {}
        for position, image in enumerate(images):
            groups.setdefault(image.shape, []).append(position)
        scores: list = [None] * len(images)
        for shape, positions in groups.items():
            stacked = np.stack([images[position] for position in positions])
            inputs = torch.from_numpy(stacked).permute(0, 3, 1, 2)
            batch = self.model.data_preprocessor(dict(inputs=list(inputs)))['inputs']
            maps = self.model.cluster_scores(batch)
            seen = SeenSize(tuple(batch.shape[2:]), shape[:2])
            for position, own in zip(positions, maps, strict=True):
                scores[position] = own, seen
        return scores

    @torch.inference_mode()
    def _ids(
        self,
        scores: Tensor,
        seen: SeenSize,
        pixels: np.ndarray,
        size: tuple[int, int],
        confidence: bool,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Ids and confidences of one image, which the network saw as ``pixels``."""
        if self.refinement is not None:
            scores, seen = self._refined(scores, seen, pixels), None
        table = self._id_of_cluster
        if not confidence:
            ids = ids_at_size(scores, size, seen, table=table)
            return ids.cpu().numpy().astype(self._id_type, copy=False), None
        refined = self.refinement is not None  # these are shares already
        temperature = (
            None if refined else confidence_temperature(self.model.decode_head)
        )
        ids, shares = ids_and_confidences(scores, size, table, temperature, seen)
        ids = ids.cpu().numpy().astype(self._id_type, copy=False)
        return ids, shares.cpu().numpy()

    def _refined(self, scores: Tensor, seen: SeenSize, pixels: np.ndarray) -> Tensor:
        """Shares that follow the edges of what the network saw, (K, h', w')."""
        scores = F.interpolate(scores[None], seen.padded, mode='bilinear')
        image = torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device)
        image = image.permute(2, 0, 1)[None].float() / 255
        height, width = seen.image
        return self.refinement(scores[..., :height, :width], image)[0]


def confidence_temperature(head: BaseClusteringHead) -> float:
    """What the scores of a head are divided by before their softmax."""
    return TEMPERATURE if head.temperature is None else head.temperature
