"""Potsdam with six or three classes, in two layouts."""

import os.path as osp
from collections.abc import Sequence

import mmengine.fileio as fileio
from mmseg.registry import DATASETS

from ..errors import InputError, MissingFileError, check_choice
from .base import OptionalLabelDataset
from .label_maps import (
    POTSDAM_6_TO_3,
    POTSDAM_COLORS,
    POTSDAM_PATCH_TABLE,
    POTSDAM_TILE_TABLE,
    regroup,
)
from .splits import check_splits

LAYOUTS = ('patches', 'tiles')
SUFFIXES = {'patches': '.mat', 'tiles': '.png'}
TABLES = {'patches': POTSDAM_PATCH_TABLE, 'tiles': POTSDAM_TILE_TABLE}


@DATASETS.register_module()
class Potsdam6Dataset(OptionalLabelDataset):
    """Potsdam: road, building, low vegetation, tree, car, clutter.

    Layout 'patches' is IIC's (``potsdam_prepare.py`` of its code, and
    ``tools/prepare_potsdam.py``): 200 x 200 pixels of the halved tiles,
    ``imgs/<name>.mat`` (key ``img``, RGB and infrared) and ``gt/<name>.mat`` (key
    ``gt``, ids 0-5), lists ``unlabelled_train.txt``, ``labelled_train.txt`` and
    ``labelled_test.txt``. It needs ``LoadMatImage`` and ``LoadMatAnnotations``.

    Layout 'tiles' is that of mmseg's converter: ``img_dir/{train,val}/*.png`` and
    ``ann_dir/{train,val}/*.png``, 512 x 512 pixels at full resolution, ids 1-6 for the
    classes and 0 for a color that is none of theirs. Numbers on it do not compare
    with those on the patches.

    Args:
        layout: 'patches' or 'tiles'.
        splits: Names of lists in ``data_root`` to read, in this order, such as
            ('labelled_train', 'labelled_test'). None to follow ``ann_file``.
        img_suffix: End of the images' names. None to follow ``layout``.
        seg_map_suffix: End of the annotations' names. None to follow ``layout``.
        **kwargs: As for :class:`OptionalLabelDataset`.

    Raises:
        InputError: If ``layout`` is unknown, both ``splits`` and ``ann_file`` are
            given, a split is given twice or its list is empty.
        MissingFileError: If a list does not exist.
    """

    METAINFO = dict(
        classes=('road', 'building', 'low vegetation', 'tree', 'car', 'clutter'),
        palette=[list(color) for color in POTSDAM_COLORS],
    )

    def __init__(
        self,
        layout: str = 'patches',
        splits: Sequence[str] | None = None,
        img_suffix: str | None = None,
        seg_map_suffix: str | None = None,
        **kwargs,
    ) -> None:
        check_choice('layout', layout, LAYOUTS)
        self.layout = layout
        self.splits = check_splits(splits, kwargs.get('ann_file', ''))
        if img_suffix is None:
            img_suffix = SUFFIXES[layout]
        if seg_map_suffix is None:
            seg_map_suffix = SUFFIXES[layout]
        super().__init__(img_suffix=img_suffix, seg_map_suffix=seg_map_suffix, **kwargs)

    def encoding_table(self) -> tuple[int, ...]:
        """Class of each id of the layout."""
        return TABLES[self.layout]

    def list_images(self, subfolder: str = '') -> list[str]:
        """Images of the splits, in the order of their lists."""
        if self.splits is None:
            return super().list_images(subfolder)
        names = []
        for split in self.splits:
            path = osp.join(self.data_root or '', f'{split}.txt')
            remedy = (
                'tools/prepare_potsdam.py makes the lists; put it there or take the '
                'split out'
            )
            if not fileio.isfile(path, backend_args=self.backend_args):
                raise MissingFileError(
                    f'{self._called()}: list {path!r} of splits={self.splits} does not '
                    f'exist; {remedy}'
                )
            found = self._read_list(path)
            if not found:
                raise InputError(
                    f'{self._called()}: list {path!r} of splits={self.splits} is '
                    f'empty; {remedy}'
                )
            names.extend(found)
        return names

    def why_no_image(self, path: str) -> str | None:
        """None for ``.mat`` files: what loads them names the file itself."""
        return None if self._is_mat(path) else super().why_no_image(path)

    def why_no_labels(self, path: str) -> str | None:
        """None for ``.mat`` files: what loads them names the file itself."""
        return None if self._is_mat(path) else super().why_no_labels(path)

    def _is_mat(self, path: str) -> bool:
        return path.endswith('.mat') and fileio.isfile(
            path, backend_args=self.backend_args
        )


@DATASETS.register_module()
class Potsdam3Dataset(Potsdam6Dataset):
    """Potsdam-3: road and car, building and clutter, low vegetation and tree.

    Arguments as for :class:`Potsdam6Dataset`.
    """

    METAINFO = dict(
        classes=('road and car', 'building and clutter', 'vegetation and tree'),
        palette=[[255, 255, 255], [0, 0, 255], [0, 255, 0]],
    )

    def encoding_table(self) -> tuple[int, ...]:
        """Class of each id of the layout."""
        return regroup(super().encoding_table(), POTSDAM_6_TO_3)
