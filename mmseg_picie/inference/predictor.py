"""Predictor: a trained network that gives masks of images."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.device import get_device
from torch import Tensor

from ..checkpoints import build_segmentor
from ..errors import InputError
from ..mask_files import id_dtype, ignore_id
from ..models import BaseClusteringHead
from .input_images import InputImage, input_images, is_one_image
from .network_input import network_resize
from .tiles import tiles
from .upsampling import ids_and_confidences, ids_at_size

READERS = 2  # threads that decode and resize while the network runs
LARGE, LARGE_TILE = 50_000_000, 1024  # pixels of an image; side of its tiles
TEMPERATURE = 0.1  # of confidences where the head has no loss with one


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

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it is no checkpoint of a run.
    """

    def __init__(
        self,
        checkpoint: str | Path,
        device: str | None = None,
        predict_as: str | None = None,
    ) -> None:
        self.checkpoint = Path(checkpoint)
        self.device = torch.device(device or get_device())
        model, self.cfg = build_segmentor(checkpoint)
        if predict_as is not None:
            model.predict_as = predict_as
        model.decode_head.require_fitted()
        self.model = model.to(self.device)
        self.resize = network_resize(self.cfg)
        self._settle_ids()

    def _settle_ids(self) -> None:
        """What masks hold follows from the names of the model's clusters."""
        self._id_type = id_dtype(len(self.classes))
        ids = self.model.mask_ids.clone()
        if self.model.predict_as == 'classes':
            unnamed = self.model.decode_head.cluster_to_class < 0
            ids[unnamed] = ignore_id(len(self.classes))
        self._id_of_cluster = ids

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
        self, images: Any, batch_size: int = 8
    ) -> np.ndarray | Iterator[np.ndarray]:
        """Masks of images.

        Args:
            images: A file, an array ((H, W, 3) uint8 RGB or (H, W) gray), a Pillow
                image; a folder or an iterable of these.
            batch_size: Images of equal size that pass the network together.

        Returns:
            (H, W) ids of one image; of a folder or an iterable an iterator of such
            masks, which holds few images at a time.
        """
        found = self.predictions(input_images(images), batch_size)
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
                of more than 50 megapixels are cut, into tiles of 1024.
            on_unreadable: Told of an image that cannot be read, which is then left
                out. By default that is an error.

        Yields:
            One for each image, in order.

        Raises:
            InputError: If ``batch_size`` < 1, or an image cannot be read.
        """
        if batch_size < 1:
            raise InputError(f'batch_size must be >= 1, got {batch_size}')
        for batch in self._read(images, batch_size):
            readable = []
            for image, pixels in batch:
                if not isinstance(pixels, InputError):
                    readable.append((image, pixels))
                elif on_unreadable is None:
                    raise pixels
                else:
                    on_unreadable(image, pixels)
            yield from self._predict_batch(readable, confidence, tile)

    def _predict_batch(
        self,
        batch: list[tuple[InputImage, np.ndarray]],
        confidence: bool,
        tile: int | None,
    ) -> Iterator[Prediction]:
        """Images of usual size pass together, large ones alone and by tiles."""
        sides = [_tile_side(pixels, tile) for _, pixels in batch]
        whole = [pixels for (_, pixels), side in zip(batch, sides) if side is None]
        found = iter(self._ids_of(whole, confidence))
        for (image, pixels), side in zip(batch, sides, strict=True):
            if side is None:
                yield Prediction(image, *next(found))
            else:
                yield Prediction(image, *self._stitch(pixels, side, confidence))

    def _stitch(
        self, pixels: np.ndarray, side: int, confidence: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Ids and confidences of a large image, tile by tile."""
        size = pixels.shape[:2]
        ids = np.empty(size, self._id_type)
        shares = np.empty(size, np.float16) if confidence else None
        for tile in tiles(size, side):
            ((own, sure),) = self._ids_of([pixels[tile.read]], confidence)
            ids[tile.write] = own[tile.inner]
            if shares is not None:
                shares[tile.write] = sure[tile.inner]
        return ids, shares

    def _read(self, images: Iterable[InputImage], batch_size: int) -> Iterator[list]:
        """Batches of (image, its pixels or what is wrong with it), read ahead."""
        images = iter(images)
        with ThreadPoolExecutor(READERS) as pool:
            ahead = [pool.submit(_read, image) for image in islice(images, batch_size)]
            while ahead:
                batch = ahead
                ahead = [pool.submit(_read, i) for i in islice(images, batch_size)]
                yield [task.result() for task in batch]

    def _ids_of(self, images: list[np.ndarray], confidence: bool) -> Iterator[tuple]:
        """Ids and confidences of images, which the network sees resized."""
        scores = self._scores([self.resize(pixels) for pixels in images])
        for maps, pixels in zip(scores, images, strict=True):
            yield self._ids(maps, pixels.shape[:2], confidence)

    @torch.inference_mode()
    def embed(self, pixels: np.ndarray) -> Tensor:
        """Unit vectors of an image, (H, W, 3) uint8 BGR -> (D, h, w) float32."""
        resized = np.ascontiguousarray(self.resize(pixels))
        inputs = [torch.from_numpy(resized).permute(2, 0, 1)]
        batch = self.model.data_preprocessor(dict(inputs=inputs))['inputs']
        return self.model.embed(batch)[0].clone()

    @torch.inference_mode()
    def _scores(self, images: list[np.ndarray]) -> list[Tensor]:
        """Scores of each image at the size of the network's input, (K, h, w) each."""
        groups: dict[tuple, list[int]] = {}
        for position, image in enumerate(images):
            groups.setdefault(image.shape, []).append(position)
        scores: list = [None] * len(images)
        for shape, positions in groups.items():
            stacked = np.stack([images[position] for position in positions])
            inputs = torch.from_numpy(stacked).permute(0, 3, 1, 2)
            batch = self.model.data_preprocessor(dict(inputs=list(inputs)))['inputs']
            maps = self.model.decode_head(self.model.extract_feat(batch))
            for position, own in zip(positions, maps, strict=True):
                own = F.interpolate(own[None], tuple(batch.shape[2:]), mode='bilinear')
                scores[position] = own[0, :, : shape[0], : shape[1]]
        return scores

    @torch.inference_mode()
    def _ids(
        self, scores: Tensor, size: tuple[int, int], confidence: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Ids and confidences of one image at its own size."""
        shares = None
        if confidence:
            temperature = confidence_temperature(self.model.decode_head)
            clusters, shares = ids_and_confidences(
                scores, size, self._id_of_cluster, temperature
            )
            shares = shares.half().cpu().numpy()
        else:
            clusters = ids_at_size(scores, size)
        ids = self._id_of_cluster[clusters]
        return ids.cpu().numpy().astype(self._id_type), shares


def confidence_temperature(head: BaseClusteringHead) -> float:
    """What the scores of a head are divided by before their softmax."""
    loss = getattr(head, 'clustering_loss', None)
    return getattr(loss, 'temperature', TEMPERATURE)


def _read(image: InputImage) -> tuple[InputImage, np.ndarray | InputError]:
    try:
        return image, image.read()
    except InputError as error:
        return image, error


def _tile_side(pixels: np.ndarray, tile: int | None) -> int | None:
    """Side of the tiles of an image; None for one that passes whole."""
    height, width = pixels.shape[:2]
    if tile is None:
        return LARGE_TILE if height * width > LARGE else None
    return tile if max(height, width) > tile else None
