"""Any folder of images."""

import os.path as osp

from mmseg.registry import DATASETS

from ..errors import InputError
from .base import OptionalLabelDataset

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')


@DATASETS.register_module()
class ImageFolderDataset(OptionalLabelDataset):
    """Images of a folder and its subfolders, of any size, without annotations.

    Files that end in jpg, jpeg, png, bmp, tif, tiff or webp (upper or lower case) are
    read in the order of their paths. Hidden files and all other files are left out.
    There are no classes; clusters are named by their number.

    Args:
        **kwargs: As for :class:`OptionalLabelDataset`.
    """

    METAINFO = dict(classes=(), palette=[])

    def is_image(self, name: str) -> bool:
        """Whether a file name has the suffix of an image."""
        return name.lower().endswith(SUFFIXES)

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
        return f'names ending in {", ".join(SUFFIXES)}'
