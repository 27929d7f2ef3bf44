"""Parts of COCO-Stuff-27: stuff alone, three stuff classes, things alone."""

from collections.abc import Sequence

from mmseg.registry import DATASETS

from .coco_stuff import COCOStuff27Dataset
from .label_maps import COCO_STUFF, COCO_STUFF3, COCO_THINGS, keep, regroup


def _meta(coarse: Sequence[int]) -> dict:
    """Names and colors of some of the 27 classes."""
    whole = COCOStuff27Dataset.METAINFO
    return dict(
        classes=tuple(whole['classes'][index] for index in coarse),
        palette=[whole['palette'][index] for index in coarse],
    )


class _COCOSubset(COCOStuff27Dataset):
    """Some of the 27 super-classes; pixels of the others are ignored.

    ``coarse`` holds the super-classes in the order of the classes.
    """

    coarse: tuple[int, ...] = ()

    def encoding_table(self) -> tuple[int, ...]:
        """Class of each id of the encoding."""
        return regroup(super().encoding_table(), keep(self.coarse, 27))


@DATASETS.register_module()
class COCOStuff15Dataset(_COCOSubset):
    """COCO-Stuff-15: the stuff super-classes 12-26 as classes 0-14.

    Pixels of things are ignored (255). The released code of PiCIE masks things but
    keeps the ids 12-26 for 15 clusters (docs/reference.md R8); here they are shifted.
    Arguments as for :class:`COCOStuff27Dataset`.
    """

    METAINFO = _meta(COCO_STUFF)
    coarse = COCO_STUFF


@DATASETS.register_module()
class COCOStuff3Dataset(_COCOSubset):
    """COCO-Stuff-3: sky, plant and ground as classes 0, 1, 2; the rest is ignored.

    Arguments as for :class:`COCOStuff27Dataset`.
    """

    METAINFO = _meta(COCO_STUFF3)
    coarse = COCO_STUFF3


@DATASETS.register_module()
class COCOThings12Dataset(_COCOSubset):
    """The thing super-classes 0-11 of COCO-Stuff-27; pixels of stuff are ignored.

    Arguments as for :class:`COCOStuff27Dataset`.
    """

    METAINFO = _meta(COCO_THINGS)
    coarse = COCO_THINGS
