"""PngWriter: masks of ids as PNG with colors."""

from ..files import encode_id_png, write_whole
from .mask import Mask
from .writer import MaskWriter


class PngWriter(MaskWriter):
    """``masks/....png``: class ids, shown in the colors of the classes.

    The values are the ids, 255 is no class (black). With more than 255 classes the
    files are 16-bit gray without colors and 65535 is no class. ``masks/classes.csv``
    tells names and colors.
    """

    folder, suffix = 'masks', '.png'

    def encode(self, mask: Mask) -> bytes:
        """A PNG file of ids."""
        self.table.areas(mask)
        return encode_id_png(mask.class_ids, self.table.colors)

    def close(self) -> None:
        """Writes the table of the classes."""
        path = self.out / self.folder / 'classes.csv'
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.table.as_csv())
