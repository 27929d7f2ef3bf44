"""What all data sets share: lists, checks and clear errors."""

import logging
import os
import os.path as osp
from collections import Counter

import mmengine.fileio as fileio
from mmcv.transforms import LoadAnnotations
from mmengine.logging import print_log
from mmseg.datasets import BaseSegDataset
from mmseg.registry import DATASETS

from ..errors import InputError, MissingFileError
from ..files import is_hidden, is_truncated, left_out_sentences
from .label_maps import IGNORE
from .read_files import find_files, read_list, why_unreadable

NAMED = 5  # ids that an error lists


@DATASETS.register_module()
class OptionalLabelDataset(BaseSegDataset):
    """mmseg's data set with annotations that are optional and errors that help.

    A pipeline that loads no labels needs no annotations. No sample is ever replaced
    by another one: an image that cannot be used raises. Every sample carries
    ``label_table``, the class of each id of the annotation files, for
    :class:`~mmseg_picie.datasets.transforms.RemapLabels`, and ``img_dir``, the folder
    that its name is relative to.

    Args:
        ann_file: List of images, one id per line: the path below the image folder,
            with or without suffix. Empty for all images of the folder.
        **kwargs: As for mmseg's ``BaseSegDataset``.

    Raises:
        MissingFileError: If the data root, the image folder, the list, a listed
            image, the target of a link, or an annotation that the pipeline loads
            does not exist.
        InputError: If no image is found.
    """

    METAINFO: dict = dict()

    def __init__(self, ann_file: str = '', **kwargs) -> None:
        if kwargs.get('reduce_zero_label'):
            raise InputError(
                'reduce_zero_label must be False, got True: labels are mapped by '
                'label_table; take it out of the config'
            )
        super().__init__(ann_file=ann_file, **kwargs)
        self.label_table = self.encoding_table()
        if self.label_map is not None:
            self._keep_subset(self.label_map)

    @property
    def metainfo(self) -> dict:
        """Classes and palette, and ``network_input``: what a network sees of an image.

        The transforms of the pipeline say the latter, so that the protocol that is
        stored with figures follows from what was run.
        """
        steps = getattr(getattr(self, 'pipeline', None), 'transforms', ())
        seen = [s.network_input for s in steps if hasattr(s, 'network_input')]
        meta = super().metainfo
        return dict(meta, network_input=', '.join(seen)) if seen else meta

    def encoding_table(self) -> tuple[int, ...]:
        """Class index of every id of the annotation files, 255 for none.

        By default the ids are the classes.
        """
        classes = self.METAINFO.get('classes', self._metainfo.get('classes', ()))
        return tuple(range(len(classes)))

    def _keep_subset(self, kept: dict[int, int]) -> None:
        """Follows ``metainfo=dict(classes=...)``: one table does both steps."""
        self.label_table = tuple(kept.get(entry, IGNORE) for entry in self.label_table)
        if 'partitions' in self._metainfo:
            self._metainfo['partitions'] = {
                name: tuple(kept[i] for i in ids if kept[i] != IGNORE)
                for name, ids in self._metainfo['partitions'].items()
            }

    def full_init(self) -> None:
        """Lists the images and checks that their annotations exist, if they load."""
        if self._fully_initialized:
            return
        super().full_init()
        if any(isinstance(step, LoadAnnotations) for step in self.pipeline.transforms):
            self._check_annotations()

    def _check_annotations(self) -> None:
        infos = [
            super(OptionalLabelDataset, self).get_data_info(i) for i in range(len(self))
        ]
        if any('seg_map_path' not in info for info in infos):
            raise InputError(self._no_label_folder())
        backend = fileio.get_file_backend(
            infos[0]['seg_map_path'], backend_args=self.backend_args
        )
        if not isinstance(backend, fileio.LocalBackend):
            return  # a question per file is slow elsewhere
        missing = [i for i in infos if not osp.exists(i['seg_map_path'])]
        if missing:
            first = self._no_label(missing[0]['img_path'], missing[0]['seg_map_path'])
            raise MissingFileError(
                f'{first} ({len(missing)} of {len(infos)} annotations are missing)'
            )

    def load_data_list(self) -> list[dict]:
        """Lists the images, in the order of ``ann_file`` or of their paths.

        Returns:
            One dict per image with ``img_path`` and, if ``data_prefix`` names a
            folder of annotations, ``seg_map_path`` (the file need not exist).
        """
        self._check_folders()
        names = self._read_list(self.ann_file) if self.ann_file else self.list_images()
        if not names:
            source = self.ann_file or self.data_prefix['img_path']
            raise InputError(
                f'{self._called()}: no image in {source!r} '
                f'({self._searched()}); put images there or correct '
                + ('ann_file' if self.ann_file else "data_prefix['img_path']")
            )
        folder = self.data_prefix['img_path']
        labels = self.data_prefix.get('seg_map_path')
        data_list = []
        for name in names:
            info = dict(
                img_path=osp.join(folder, name),
                label_map=None,  # part of label_table
                reduce_zero_label=False,
                seg_fields=[],
            )
            if labels is not None:
                info['seg_map_path'] = osp.join(
                    labels, self.strip_suffix(name) + self.seg_map_suffix
                )
            data_list.append(info)
        return data_list

    def list_images(self, subfolder: str = '') -> list[str]:
        """Sorted paths of a folder's images; the log says what was left out."""
        folder = osp.join(self.data_prefix['img_path'], subfolder)
        names, left_out = find_files(folder, self.is_image, self.backend_args)
        for name, reason in left_out:
            path = osp.join(folder, name)
            gone = osp.islink(path) and not osp.exists(path)
            if gone and self.is_image(name) and not is_hidden(name):
                raise MissingFileError(
                    f'{self._called()}: {path} {reason}; mend the link or remove it'
                )
        for sentence in left_out_sentences(folder, left_out):
            self._say(sentence)
        return [osp.join(subfolder, name) for name in names]

    def is_image(self, name: str) -> bool:
        """Whether a file name is one of an image of this data set."""
        return name.endswith(self.img_suffix)

    def strip_suffix(self, name: str) -> str:
        """The id of an image: its relative path without suffix."""
        return name.removesuffix(self.img_suffix)

    def find_images(self, ids: list[str]) -> list[str | None]:
        """Relative paths of listed images, None where an image is missing."""
        folder = self.data_prefix['img_path']
        backend = fileio.get_file_backend(folder, backend_args=self.backend_args)
        names = [self.strip_suffix(entry) + self.img_suffix for entry in ids]
        return [
            name if backend.isfile(osp.join(folder, name)) else None for name in names
        ]

    def get_data_info(self, idx: int) -> dict:
        """Adds what is the same for all samples, and so is not stored with each."""
        info = super().get_data_info(idx)
        info['label_table'] = self.label_table
        info['img_dir'] = self.data_prefix['img_path']
        return info

    def prepare_data(self, idx: int) -> dict:
        """Runs the pipeline on one image.

        Raises:
            InputError: If the image or its annotation is truncated or unreadable, or
                the pipeline gives None (mmengine would draw another image).
            MissingFileError: If the annotation is loaded and missing.
        """
        info = self.get_data_info(idx)
        path = info['img_path']
        if osp.isfile(path) and is_truncated(path):
            raise InputError(self._unreadable(path, 'is truncated'))
        labels = info.get('seg_map_path')
        try:
            sample = self.pipeline(info)
        except Exception as error:
            self._explain(path, labels, error)
            raise
        if sample is None:
            raise InputError(f'{self._called()}: the pipeline returned None for {path}')
        return sample

    def _explain(self, path: str, labels: str | None, error: Exception) -> None:
        """Raises an error that names the file, if a file made the pipeline fail."""
        reason = self.why_no_image(path)
        if reason is not None:
            raise InputError(self._unreadable(path, reason)) from error
        if isinstance(error, KeyError) and error.args == ('seg_map_path',):
            raise InputError(self._no_label_folder()) from error
        if isinstance(error, FileNotFoundError) and labels and labels == error.filename:
            raise MissingFileError(self._no_label(path, labels)) from error
        if labels and osp.isfile(labels):
            short = is_truncated(labels)
            reason = 'is truncated' if short else self.why_no_labels(labels)
            if reason is not None:
                raise InputError(self._unreadable(labels, reason)) from error

    def why_no_image(self, path: str) -> str | None:
        """Why an image file cannot be read, None if it can; asked after a failure."""
        return why_unreadable(path, 'color', 'cv2', self.backend_args)

    def why_no_labels(self, path: str) -> str | None:
        """Why an annotation file cannot be read, None if it can."""
        return why_unreadable(path, 'unchanged', 'pillow', self.backend_args)

    def _no_label_folder(self) -> str:
        return (
            f'{self._called()}: the pipeline loads annotations, but data_prefix '
            "has no seg_map_path; add the folder or take out 'LoadAnnotations'"
        )

    def _no_label(self, path: str, labels: str) -> str:
        return (
            f'{self._called()}: annotation {labels} of {path} does not exist; put '
            "it there, take the image off the list or take out 'LoadAnnotations'"
        )

    def _unreadable(self, path: str, what: str) -> str:
        return (
            f'{self._called()}: {path} {what}; replace the file or take it off the list'
        )

    def _say(self, what: str) -> None:
        print_log(f'{self._called()}: {what}', 'current', logging.WARNING)

    def _called(self) -> str:
        return f'{type(self).__name__} (data_root={self.data_root!r})'

    def _searched(self) -> str:
        return f'img_suffix={self.img_suffix!r}'

    def _check_folders(self) -> None:
        remedy = 'put the data there or set data_root (--data-root DIR)'
        if 'img_path' not in self.data_prefix:
            raise InputError(
                f'{self._called()}: data_prefix has no img_path, got {self.data_prefix}'
            )
        backend = fileio.get_file_backend(
            self.data_prefix['img_path'], backend_args=self.backend_args
        )
        if self.data_root and not backend.isdir(self.data_root):
            raise MissingFileError(
                f'{type(self).__name__}: data_root={self.data_root!r} does not exist '
                f'(working directory {os.getcwd()}); {remedy}'
            )
        if not backend.isdir(self.data_prefix['img_path']):
            raise MissingFileError(
                f"{self._called()}: data_prefix['img_path']="
                f'{self.data_prefix["img_path"]!r} does not exist; {remedy}'
            )

    def _read_list(self, ann_file: str) -> list[str]:
        try:
            ids = read_list(ann_file, self.backend_args)
        except FileNotFoundError as error:
            raise MissingFileError(
                f'{self._called()}: ann_file={ann_file!r} does not exist; write '
                "one image id per line into it, or set ann_file='' for all images"
            ) from error
        names = self.find_images(ids)
        missing = [entry for entry, name in zip(ids, names) if name is None]
        if missing:
            shown = ', '.join(missing[:NAMED]) + (', ...' if missing[NAMED:] else '')
            raise MissingFileError(
                f'{self._called()}: {len(missing)} of {len(ids)} images of ann_file='
                f'{ann_file!r} are not in {self.data_prefix["img_path"]!r} '
                f'({self._searched()}): {shown}; add the files or shorten the list'
            )
        count = Counter(names)
        if len(count) < len(names):
            again = next(name for name in count if count[name] > 1)
            self._say(
                f'{len(names)} lines of {ann_file!r} name {len(count)} images; '
                f'repeated ones, such as {again!r}, are used once'
            )
        return list(count)
