"""Potsdam with six or three classes, in two layouts."""

import os.path as osp
from collections.abc import Sequence

import mmengine.fileio as fileio
from mmseg.registry import DATASETS

from .base import UnlabelledDataset
from .label_maps import (
    POTSDAM_6_TO_3,
    POTSDAM_PATCH_TABLE,
    POTSDAM_TILE_TABLE,
    regroup,
)

LAYOUTS = ('patches', 'tiles')
SUFFIXES = {'patches': '.mat', 'tiles': '.png'}
TABLES = {'patches': POTSDAM_PATCH_TABLE, 'tiles': POTSDAM_TILE_TABLE}


@DATASETS.register_module(name='Potsdam6Dataset')
class Potsdam6(UnlabelledDataset):
    """Potsdam: road, building, low vegetation, tree, car, clutter.

    Layout 'patches' is IIC's (``potsdam_prepare.py`` of its code, and
    ``tools/prepare_potsdam.py``): 200 x 200 pixels of the halved tiles,
    ``imgs/<name>.mat`` (key ``img``, RGB and infrared) and ``gt/<name>.mat`` (key
    ``gt``, ids 0-5), lists ``unlabelled_train.txt``, ``labelled_train.txt`` and
    ``labelled_test.txt``. It needs ``LoadMatImage`` and ``LoadMatAnnotations``.

    Layout 'tiles' is that of mmseg's converter: ``img_dir/{train,val}/*.png`` and
    ``ann_dir/{train,val}/*.png``, 512 x 512 pixels at full resolution, ids 1-6 for the
    classes and 0 for a colour that is none of theirs. Numbers on it do not compare
    with those on the patches.

    Args:
        layout: 'patches' or 'tiles'.
        splits: Names of lists in ``data_root`` to read, in this order, such as
            ('labelled_train', 'labelled_test'). None to follow ``ann_file``.
        img_suffix: End of the images' names. None to follow ``layout``.
        seg_map_suffix: End of the annotations' names. None to follow ``layout``.
        **kwargs: As for :class:`UnlabelledDataset`.

    Raises:
        ValueError: If ``layout`` is unknown, or both ``splits`` and ``ann_file`` are
            given.
        FileNotFoundError: If a list does not exist.
    """

    METAINFO = dict(
        classes=('road', 'building', 'low vegetation', 'tree', 'car', 'clutter'),
        # The colours of the released labels.
        palette=[
            [255, 255, 255],
            [0, 0, 255],
            [0, 255, 255],
            [0, 255, 0],
            [255, 255, 0],
            [255, 0, 0],
        ],
    )

    def __init__(
        self,
        layout: str = 'patches',
        splits: Sequence[str] | None = None,
        img_suffix: str | None = None,
        seg_map_suffix: str | None = None,
        **kwargs,
    ) -> None:
        if layout not in LAYOUTS:
            raise ValueError(f'layout must be one of {LAYOUTS}, got {layout!r}')
        if splits is not None and kwargs.get('ann_file'):
            raise ValueError(
                f'give splits or ann_file, not both: splits={splits}, '
                f'ann_file={kwargs["ann_file"]!r}'
            )
        self.layout = layout
        self.splits = (splits,) if isinstance(splits, str) else splits
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
        lists = [osp.join(self.data_root or '', f'{name}.txt') for name in self.splits]
        return [image for path in lists for image in self._read_list(path)]

    def image_decodes(self, path: str) -> bool:
        """True for ``.mat`` files: what loads them names the file itself."""
        return _is_mat(path, self.backend_args) or super().image_decodes(path)

    def labels_decode(self, path: str) -> bool:
        """True for ``.mat`` files: what loads them names the file itself."""
        return _is_mat(path, self.backend_args) or super().labels_decode(path)


@DATASETS.register_module(name='Potsdam3Dataset')
class Potsdam3(Potsdam6):
    """Potsdam-3: road and car, building and clutter, low vegetation and tree.

    Arguments as for :class:`Potsdam6`.
    """

    METAINFO = dict(
        classes=('road and car', 'building and clutter', 'vegetation and tree'),
        palette=[[255, 255, 255], [0, 0, 255], [0, 255, 0]],
    )

    def encoding_table(self) -> tuple[int, ...]:
        """Class of each id of the layout."""
        return regroup(super().encoding_table(), POTSDAM_6_TO_3)


def _is_mat(path: str, backend_args: dict | None) -> bool:
    return path.endswith('.mat') and fileio.isfile(path, backend_args=backend_args)
