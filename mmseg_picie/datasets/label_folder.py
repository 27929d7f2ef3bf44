"""Labels of the images of a folder, whatever way they are stored."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ..errors import InputError, MissingFileError
from ..files import left_out_sentences, list_images, turn
from .label_encoding import LabelEncoding, choose_encoding
from .label_files import read_label_file
from .label_names import match_labels
from .label_sizes import label_turns
from .label_survey import FoundLabel, survey_label
from .label_table import table_of_names
from .label_table_file import read_label_table

THREADS = 4


class LabelFolder:
    """Labels of some images of a folder.

    A label has its image's relative path with any suffix of an image: ``a/0.png`` is
    the label of ``a/0.jpg``; or all labels have one ending more, as ``a/0_mask.png``.

    All labels are read once to find what their values mean: ids from 0 or from 1, 8 or
    16 bits, a palette, colors, or masks of 0 and 255. Where that stays open, the
    folder is refused, and the message says what a table must say.

    Args:
        images: Folder of the images.
        labels: Folder of the labels; sub-folders as those of the images.
        table: File of names with ids or colors, see
            :func:`~mmseg_picie.datasets.label_table_file.read_label_table`.
        classes: Names in the order of the ids, in place of ``table``.

    Attributes:
        classes: Names of the classes; ids as names where none are given.
        palette: RGB of each class.
        names: Relative paths of the images that have a label, sorted.
        encoding: One sentence: how the files were read.
        notes: Sentences on what was left out or turned.

    Raises:
        MissingFileError: If a folder or the table does not exist.
        InputError: If no image has a label, an image has two, sizes differ, or the
            values cannot be meant.
    """

    classes: tuple[str, ...]
    palette: list[list[int]]
    names: list[str]
    encoding: str
    notes: list[str]

    def __init__(
        self,
        images: str | Path,
        labels: str | Path,
        table: str | Path | None = None,
        classes: Sequence[str] | None = None,
    ) -> None:
        if table is not None and classes is not None:
            raise InputError(
                f'give a table or classes, not both: table={str(table)!r}, '
                f'classes={list(classes)}'
            )
        given = None
        if table is not None:
            given = read_label_table(table)
        elif classes is not None:
            given = table_of_names(classes)
        self.images, self.labels = Path(images), Path(labels)
        self.notes = []
        self._files = self._match()
        self.names = list(self._files)
        found = self._survey()
        self._turns, turned = label_turns(self.images, found)
        self.notes += turned
        self._encoding: LabelEncoding = choose_encoding(found, given, self.labels)
        self.classes = self._encoding.classes
        self.palette = [list(color) for color in self._encoding.palette]
        self.encoding = self._encoding.sentence

    def label_path(self, name: str) -> Path:
        """File of the label of an image.

        Raises:
            InputError: If the image has none.
        """
        if name not in self._files:
            raise InputError(f'image {name!r} has no label in {self.labels}')
        return self.labels / self._files[name]

    def load(self, name: str) -> np.ndarray:
        """Class ids of an image, as the image is shown: turned by its EXIF.

        Args:
            name: Relative path of the image, one of ``names``.

        Returns:
            (H, W) uint8; 255 where nothing is said.

        Raises:
            InputError: If the image has no label, or the file changed since it was
                looked at.
        """
        path = self.label_path(name)
        classes = self._encoding.apply(read_label_file(path), path)
        return turn(classes, self._turns.get(name, 1))

    def _match(self) -> dict[str, str]:
        """Label file of each image that has one, both relative to their folders."""
        images = self._listed(self.images, 'images')
        labels = self._listed(self.labels, 'labels')
        if self.images.samefile(self.labels):
            raise InputError(
                f'images and labels are in one folder, {self.images}; put the labels '
                'into a folder of their own'
            )
        files, notes = match_labels(images, labels, (self.images, self.labels))
        self.notes += notes
        return files

    def _listed(self, folder: Path, what: str) -> list[str]:
        if not folder.is_dir():
            raise MissingFileError(f'folder of {what} {folder} does not exist')
        names, left_out = list_images(folder)
        self.notes += left_out_sentences(folder, left_out)
        if not names:
            raise InputError(f'folder of {what} {folder} holds no image')
        return names

    def _survey(self) -> dict[str, FoundLabel]:
        paths = [self.labels / file for file in self._files.values()]
        with ThreadPoolExecutor(THREADS) as pool:
            return dict(zip(self.names, pool.map(survey_label, paths)))
