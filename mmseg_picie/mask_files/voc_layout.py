"""VocLayoutWriter: folders as those of Pascal VOC, with a table of labels."""

from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError
from ..files import write_whole
from .class_table import ClassTable
from .mask import MOST_8_BIT_CLASSES
from .writer import MaskWriter

BLACK = (0, 0, 0)
# What black is called: the first that is not the name of a class.
NOTHING = ('background', 'no_class', 'no_class_of_these')
LIST = Path('ImageSets', 'Segmentation', 'default.txt')
HEADER = '# label:color_rgb:parts:actions'


class VocLayoutWriter(MaskWriter):
    """Masks in ``SegmentationClass``, their names in ``ImageSets``, ``labelmap.txt``.

    A pixel without class is black; the table of labels calls it ``background``, or
    ``no_class`` where a class has that name.

    Args:
        out: As for :class:`MaskWriter`; also ``table`` and ``names``.

    Attributes:
        root: Folder of the format, which a program takes as a whole.

    Raises:
        InputError: If there are more than 255 classes, a class is black, or a name
            has a character that the table of labels cannot hold.
    """

    root: str
    suffix = '.png'

    def __init__(
        self, out: Path, table: ClassTable, names: Iterable[str] | None = None
    ) -> None:
        super().__init__(out, table, names)
        if len(table) > MOST_8_BIT_CLASSES:
            raise InputError(
                f'the format {self.root!r} holds at most {MOST_8_BIT_CLASSES} classes, '
                f"got {len(table)}: take 'png' or 'coco'"
            )
        for name, color in zip(table.names, table.colors):
            if color == BLACK:
                raise InputError(
                    f'class {name!r} is black, which means no class in the format '
                    f'{self.root!r}: give it another color'
                )
            if ':' in name or name.startswith('#') or ' '.join(name.split()) != name:
                raise InputError(
                    f'the class name {name!r} cannot stand in a labelmap.txt: do '
                    'without ":", "#" at the beginning, and spaces at the ends'
                )

    @property
    def folder(self) -> str:
        """Folder of the class masks."""
        return f'{self.root}/SegmentationClass'

    def short_name(self, name: str) -> str:
        """The name of the files of an image; one that a list of names can hold.

        Raises:
            InputError: If it has a line break, or spaces at an end.
        """
        short = super().short_name(name)
        if short.strip() != short or len(short.splitlines()) > 1:
            raise InputError(
                f'the image name {name!r} cannot stand in a list of names: rename the '
                'file, without line breaks and spaces at the ends'
            )
        return short

    def close(self) -> None:
        """Writes the table of labels and the list of all masks in the folder."""
        root = self.out / self.root
        folder = self.out / self.folder
        names = sorted(
            path.relative_to(folder).with_suffix('').as_posix()
            for path in folder.rglob(f'*{self.suffix}')
        )
        (root / LIST).parent.mkdir(parents=True, exist_ok=True)
        write_whole(root / LIST, ''.join(f'{name}\n' for name in names).encode())
        nothing = next(name for name in NOTHING if name not in self.table.names)
        labels = [(nothing, BLACK), *zip(self.table.names, self.table.colors)]
        lines = [HEADER, *(f'{n}:{r},{g},{b}::' for n, (r, g, b) in labels)]
        text = ''.join(f'{line}\n' for line in lines)
        write_whole(root / 'labelmap.txt', text.encode())
