"""Cityscapes with 27 classes."""

import os.path as osp
from collections.abc import Sequence

import mmengine.fileio as fileio
from mmseg.registry import DATASETS

from ..errors import InputError, MissingFileError
from .base import OptionalLabelDataset
from .label_maps import CITYSCAPES_TABLE
from .splits import check_splits


@DATASETS.register_module()
class Cityscapes27Dataset(OptionalLabelDataset):
    """Cityscapes-27: label ids 7-33 as classes 0-26; 0-6 and -1 are ignored.

    These are not mmseg's 19 train ids. Layout as released:
    ``leftImg8bit/<split>/<city>/*_leftImg8bit.png`` and
    ``gtFine/<split>/<city>/*_gtFine_labelIds.png``.

    Args:
        splits: Folders below ``img_path`` to read, in this order, such as
            ('train', 'val'). None for all images of ``img_path``.
        img_suffix: End of the images' names.
        seg_map_suffix: End of the annotations' names.
        **kwargs: As for :class:`OptionalLabelDataset`.

    Raises:
        InputError: If both ``splits`` and ``ann_file`` are given, or a split twice.
        MissingFileError: If the folder of a split does not exist.
    """

    METAINFO = dict(
        classes=(
            'road',
            'sidewalk',
            'parking',
            'rail track',
            'building',
            'wall',
            'fence',
            'guard rail',
            'bridge',
            'tunnel',
            'pole',
            'polegroup',
            'traffic light',
            'traffic sign',
            'vegetation',
            'terrain',
            'sky',
            'person',
            'rider',
            'car',
            'truck',
            'bus',
            'caravan',
            'trailer',
            'train',
            'motorcycle',
            'bicycle',
        ),
        # The official colors; polegroup, officially the same as pole, is lighter.
        palette=[
            [128, 64, 128],
            [244, 35, 232],
            [250, 170, 160],
            [230, 150, 140],
            [70, 70, 70],
            [102, 102, 156],
            [190, 153, 153],
            [180, 165, 180],
            [150, 100, 100],
            [150, 120, 90],
            [153, 153, 153],
            [180, 180, 200],
            [250, 170, 30],
            [220, 220, 0],
            [107, 142, 35],
            [152, 251, 152],
            [70, 130, 180],
            [220, 20, 60],
            [255, 0, 0],
            [0, 0, 142],
            [0, 0, 70],
            [0, 60, 100],
            [0, 0, 90],
            [0, 0, 110],
            [0, 80, 100],
            [0, 0, 230],
            [119, 11, 32],
        ],
        partitions=dict(things=tuple(range(17, 27)), stuff=tuple(range(17))),
    )

    def __init__(
        self,
        splits: Sequence[str] | None = None,
        img_suffix: str = '_leftImg8bit.png',
        seg_map_suffix: str = '_gtFine_labelIds.png',
        **kwargs,
    ) -> None:
        self.splits = check_splits(splits, kwargs.get('ann_file', ''))
        super().__init__(img_suffix=img_suffix, seg_map_suffix=seg_map_suffix, **kwargs)

    def encoding_table(self) -> tuple[int, ...]:
        """Class of each label id."""
        return CITYSCAPES_TABLE

    def list_images(self, subfolder: str = '') -> list[str]:
        """Images of the splits, sorted within each."""
        if self.splits is None:
            return super().list_images(subfolder)
        names = []
        for split in self.splits:
            folder = osp.join(self.data_prefix['img_path'], split)
            if not fileio.isdir(folder, backend_args=self.backend_args):
                raise MissingFileError(
                    f'{self._called()}: {folder!r} of splits={self.splits} does '
                    'not exist; put the data there or take the split out'
                )
            found = super().list_images(split)
            if not found:
                raise InputError(
                    f'{self._called()}: no image in {folder!r} ({self._searched()}); '
                    'put images there or take the split out'
                )
            names.extend(found)
        return names
