"""Images of a data set, one at a time: as pictures and as the network sees them."""

import copy
import difflib
import os.path as osp
from typing import NamedTuple

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose
from mmseg.registry import DATASETS

from ..datasets import (
    evaluation_pipeline,
    leaves,
    loads_labels,
    output_names,
    why_unreadable,
)
from ..errors import InputError, MissingFileError
from ..views import base_frame
from .cell_grid import CellGrid
from .embedding_network import Embedded, EmbeddingNetwork

NAMED = 5  # near names that an error lists


class SeenImage(NamedTuple):
    """An image, the part of it that the network sees, and the embedding of that.

    Attributes:
        embedded: The embedding.
        grid: Sizes from picture to cells.
        picture: The part, (H, W, 3) uint8 BGR, in pixels of the image.
        corner: (x, y) of the part's first pixel in the image.
        size: (width, height) of the image.
    """

    embedded: Embedded
    grid: CellGrid
    picture: np.ndarray
    corner: tuple[int, int]
    size: tuple[int, int]


class RetrievalImages:
    """The images of one data set of a config, through its test pipeline.

    Labels are not loaded: a search needs none.

    Args:
        network: Makes the embeddings.
        cfg: The config.
        split: 'train', 'val' or 'test'.

    Attributes:
        dataset: Gives packed samples.
        names: Name of each image by its path.

    Raises:
        InputError: If the config has no such data set.
    """

    def __init__(self, network: EmbeddingNetwork, cfg: Config, split: str) -> None:
        loader = cfg.get(f'{split}_dataloader')
        if loader is None:
            raise InputError(f'--split {split}: the config has no such data set')
        steps = [step for step in evaluation_pipeline(cfg) if not loads_labels(step)]
        config = copy.deepcopy(loader.dataset)
        for leaf in leaves(config):
            leaf['pipeline'] = steps
        self.network = network
        self.dataset = DATASETS.build(config)
        self.num_workers = loader.get('num_workers', 0)
        self.pipeline = Compose(steps)
        self.names = output_names(self.dataset)

    def find(self, name: str) -> dict:
        """What the pipeline needs to know of an image.

        Args:
            name: Its name in the data set, with or without suffix, or any image file.

        Raises:
            MissingFileError: Naming near names, if there is no such image.
        """
        for index in range(len(self.dataset)):
            info = self.dataset.get_data_info(index)
            path = info['img_path']
            known = self.names[path]
            suffix = osp.splitext(path)[1]
            if name in (known, known + suffix) or same_file(name, path):
                return info
        if osp.isfile(name):
            return dict(img_path=name)
        names = sorted(self.names.values())
        near = difflib.get_close_matches(name, names, NAMED, cutoff=0)
        raise MissingFileError(
            f'--image {name} is neither a file nor one of the {len(names)} images of '
            f'{type(self.dataset).__name__}; near names: {", ".join(near)}'
        )

    def see(self, info: dict) -> SeenImage:
        """Loads and embeds one image.

        Args:
            info: As :meth:`find` or ``dataset.get_data_info`` gives it.

        Raises:
            InputError: If the file is no image, or the pipeline cuts it in a way that
                it does not state.
        """
        load = self.pipeline.transforms[0]
        try:
            image = load(dict(info))['img']
        except (AssertionError, cv2.error) as error:
            path = info['img_path']
            reason = why_unreadable(path, 'color', 'cv2', None) or 'cannot be decoded'
            raise InputError(f'{path} {reason}') from error
        sample = self.pipeline(dict(info))
        meta = sample['data_samples']
        frame = meta.get('frame', 'full')
        if frame == 'full' and tuple(meta.get('ori_shape', ())) != image.shape[:2]:
            raise InputError(
                f'{info["img_path"]} is {image.shape[:2]}, its sample says ori_shape='
                f'{meta.get("ori_shape")} (height, width) and no frame, so that the '
                "place of a pixel is not known: put 'frame' and 'ori_shape' into "
                'meta_keys of PackSegInputs'
            )
        picture = base_frame(image, frame)
        embedded = next(self.network.embed([sample]))
        grid = CellGrid(
            picture=picture.shape[:2],
            resized=tuple(sample['inputs'].shape[-2:]),
            padded=embedded.padded_size,
            cells=tuple(embedded.embedding.shape[-2:]),
        )
        height, width = image.shape[:2]
        corner = (width - picture.shape[1]) // 2, (height - picture.shape[0]) // 2
        return SeenImage(embedded, grid, picture, corner, (width, height))


def same_file(name: str, other: str) -> bool:
    """Whether two paths lead to one file."""
    return osp.realpath(name) == osp.realpath(other)
