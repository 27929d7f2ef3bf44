"""Any folder of images, with or without labels."""

import os.path as osp
from collections.abc import Sequence

from mmcv.transforms import LoadAnnotations
from mmengine.logging import print_log
from mmseg.registry import DATASETS

from ..errors import InputError, MissingFileError
from ..files import IMAGE_SUFFIXES, is_image_name
from .base import OptionalLabelDataset
from .holdout import check_holdout, hold_out
from .label_folder import LabelFolder
from .transforms import LoadFolderLabels


@DATASETS.register_module()
class ImageFolderDataset(OptionalLabelDataset):
    """Images of a folder and its subfolders, of any size, with labels or without.

    Files ending in jpg, jpeg, png, bmp, tif, tiff or webp, in any case, are read in
    the order of their paths; hidden files and all others are left alone. Without
    labels there are no classes: clusters are named by their number.

    Labels are read where ``data_prefix`` names their folder as ``seg_map_path`` and
    the pipeline loads them, by :class:`LoadFolderLabels` (which needs none) or by
    ``LoadAnnotations`` and ``RemapLabels``. They may be stored in any way that
    :class:`~mmseg_picie.datasets.LabelFolder` knows; the log says how they were read.
    Images without a label are then left out, unless ``ann_file`` lists them.

    Args:
        label_table_file: File of class names with ids or colors, below ``data_root``
            or absolute.
        classes: Class names in the order of the ids, in place of a table;
            ``metainfo=dict(classes=...)`` means the same.
        metainfo: As mmseg's.
        data_prefix: Folders of images and labels, below ``data_root``.
        holdout: Part of the images to take, where no list says which are for
            validation: ``dict(every=5, part='val')`` for every fifth of the list or
            folder, from the first on, ``part='train'`` for all others. None (default):
            all.
        **kwargs: As for :class:`OptionalLabelDataset`.

    Attributes:
        label_folder: The labels, None where none are read.

    Raises:
        MissingFileError: If the table, the folder of labels or the label of a listed
            image does not exist.
        InputError: If both a table and ``classes`` are given, what the labels mean
            stays open, or ``holdout`` is not understood.
    """

    METAINFO = dict(classes=(), palette=[])

    def __init__(
        self,
        label_table_file: str | None = None,
        classes: Sequence[str] | None = None,
        metainfo: dict | None = None,
        data_prefix: dict | None = None,
        holdout: dict | None = None,
        **kwargs,
    ) -> None:
        self.holdout = check_holdout(holdout)
        metainfo = dict(metainfo or {})
        named = metainfo.pop('classes', None)
        data_prefix = data_prefix or dict(img_path='')
        for option, value in dict(
            label_table_file=label_table_file, classes=classes
        ).items():
            if value is not None and 'seg_map_path' not in data_prefix:
                raise InputError(
                    f'{type(self).__name__}: {option}={value!r} is for labels, and '
                    'data_prefix names no folder of them: set '
                    'data_prefix.seg_map_path'
                )
        if classes is not None and named is not None:
            raise InputError(
                f'{type(self).__name__}: give classes or metainfo.classes, not both: '
                f'{classes} and {named}'
            )
        self._table_file = label_table_file
        self._class_names = named if classes is None else classes
        self.label_folder: LabelFolder | None = None
        super().__init__(metainfo=metainfo, data_prefix=data_prefix, **kwargs)

    def encoding_table(self) -> tuple[int, ...]:
        """The ids are the classes: the labels' own code is undone on reading."""
        return tuple(range(len(self._metainfo['classes'])))

    def load_data_list(self) -> list[dict]:
        """Lists the images; where labels are read, those that have one."""
        data_list = hold_out(super().load_data_list(), self.holdout)
        steps = self.pipeline.transforms
        if 'seg_map_path' not in self.data_prefix or not any(
            isinstance(step, LoadAnnotations) for step in steps
        ):
            return data_list
        self.label_folder = labels = self._read_labels()
        self._metainfo.update(classes=labels.classes, palette=labels.palette)
        self.label_table = self.encoding_table()
        known, kept = set(labels.names), []
        for info in data_list:
            name = osp.relpath(info['img_path'], self.data_prefix['img_path'])
            if name in known:
                info['seg_map_path'] = str(labels.label_path(name))
                kept.append(info)
            elif self.ann_file:
                raise MissingFileError(
                    f'{self._called()}: image {name} of ann_file={self.ann_file!r} has '
                    f'no label in {self.data_prefix["seg_map_path"]!r}; add it or take '
                    'the image off the list'
                )
        if len(kept) < len(data_list):
            self._say(
                f'{len(kept)} of {len(data_list)} images have a label; the others are '
                'left out'
            )
        return kept

    def _read_labels(self) -> LabelFolder:
        table = self._table_file
        if table is not None:
            table = osp.join(self.data_root or '', table)
        labels = LabelFolder(
            self.data_prefix['img_path'],
            self.data_prefix['seg_map_path'],
            table,
            self._class_names,
        )
        print_log(
            f'{self._called()}: labels of {self.data_prefix["seg_map_path"]!r}: '
            f'{labels.encoding}',
            'current',
        )
        for note in labels.notes:
            self._say(note)
        return labels

    def _check_annotations(self) -> None:
        """Nothing to check where labels were read, or where they may be missing."""
        steps = self.pipeline.transforms
        loads = [step for step in steps if isinstance(step, LoadAnnotations)]
        optional = all(isinstance(step, LoadFolderLabels) for step in loads)
        if self.label_folder is None and not optional:
            super()._check_annotations()

    def get_data_info(self, idx: int) -> dict:
        """Adds the labels' reader, which is the same for all samples."""
        info = super().get_data_info(idx)
        if self.label_folder is not None:
            info['label_folder'] = self.label_folder
        return info

    def is_image(self, name: str) -> bool:
        """Whether a file name ends like one of an image."""
        return is_image_name(name)

    def strip_suffix(self, name: str) -> str:
        """Relative path without the suffix of an image."""
        return osp.splitext(name)[0] if self.is_image(name) else name

    def find_images(self, ids: list[str]) -> list[str | None]:
        """Finds ids with their suffix, or without it where that is unambiguous."""
        images = self.list_images()
        by_name = {name: [name] for name in images}
        by_id: dict[str, list[str]] = {}
        for name in images:
            by_id.setdefault(self.strip_suffix(name), []).append(name)
        names = []
        for entry in ids:
            entry = osp.normpath(entry)
            found = by_name.get(entry) or by_id.get(entry, [None])
            if len(found) > 1:
                raise InputError(
                    f'{self._called()}: {entry!r} of ann_file={self.ann_file!r} may '
                    f'be any of {found}; write its suffix too'
                )
            names.append(found[0])
        return names

    def _searched(self) -> str:
        return f'names ending in {", ".join(IMAGE_SUFFIXES)}, not hidden'
