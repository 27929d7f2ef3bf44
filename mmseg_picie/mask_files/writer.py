"""MaskWriter: what every format of masks can do."""

from collections.abc import Iterable
from pathlib import Path

from ..files import path_below, short_names, write_whole
from .class_table import ClassTable
from .mask import Mask


class MaskWriter:
    """Writes masks in one format below one folder.

    A file of an image is written whole: it is either there or not, so a run that was
    stopped goes on where :meth:`is_done` says no.

    Args:
        out: Folder of all formats; it need not exist.
        table: Names and colors of the classes.
        names: Names of all images that will be written. The files of ``a/0.jpg`` are
            then called ``a/0``, unless another image differs from it in its suffix
            only. None: the suffix stays (``a/0.jpg.png``), whatever comes later.

    Attributes:
        folder: Folder of the format below ``out``, in POSIX form.
        suffix: Suffix of the file of an image.
    """

    folder: str
    suffix: str

    def __init__(
        self, out: Path, table: ClassTable, names: Iterable[str] | None = None
    ) -> None:
        self.out = Path(out)
        self.table = table
        self._short = None if names is None else short_names(names)

    def short_name(self, name: str) -> str:
        """The name of the files of an image, without their suffix.

        Raises:
            InputError: If the name leads out of the folder.
            ValueError: If names were given and this is none of them.
        """
        path_below(self.out, name)
        if self._short is None:
            return name
        if name not in self._short:
            raise ValueError(f'{name} is not in the list of names that was given')
        return self._short[name]

    def path(self, name: str) -> Path:
        """The file of an image."""
        return self.out / self.folder / f'{self.short_name(name)}{self.suffix}'

    def is_done(self, name: str) -> bool:
        """Whether an image needs no writing again."""
        return self.path(name).is_file()

    def write(self, mask: Mask) -> None:
        """Writes the file of an image."""
        path = self.path(mask.name)
        data = self.encode(mask)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)

    def encode(self, mask: Mask) -> bytes:
        """The content of the file of an image."""
        raise NotImplementedError

    def close(self) -> None:
        """Writes what is made of all images; to be called once, after the last."""
