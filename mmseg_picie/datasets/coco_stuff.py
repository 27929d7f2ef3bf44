"""COCO-Stuff with its 27 super-classes."""

from mmseg.registry import DATASETS

from ..errors import InputError
from .base import OptionalLabelDataset
from .label_maps import (
    COCO_CLASSES,
    COCO_STUFF,
    COCO_THINGS,
    FINE_TO_COARSE,
    TRAIN_ID_TO_COARSE,
)

SUFFIXES = {'raw': '.png', 'train_ids': '_labelTrainIds.png'}
TABLES = {'raw': FINE_TO_COARSE, 'train_ids': TRAIN_ID_TO_COARSE}


@DATASETS.register_module()
class COCOStuff27Dataset(OptionalLabelDataset):
    """COCO-Stuff-27: 12 thing and 15 stuff super-classes.

    Layout as mmseg's ``data/coco_stuff164k``: ``images/{train,val}2017/*.jpg``,
    ``annotations/{train,val}2017/*.png``. Annotations hold the 182 raw ids or the 171
    of mmseg's converter (``*_labelTrainIds.png``).
    :class:`~mmseg_picie.datasets.transforms.RemapLabels` maps both.

    Args:
        encoding: 'raw' (0-181) or 'train_ids' (0-170). None to follow
            ``seg_map_suffix``: '_labelTrainIds.png' is 'train_ids', '.png' is 'raw'.
        seg_map_suffix: End of the annotations' names. None to follow ``encoding``.
        img_suffix: End of the images' names.
        **kwargs: As for :class:`OptionalLabelDataset`.

    Raises:
        InputError: If ``encoding`` is unknown, contradicts the suffix, or is None and
            the suffix is neither of the two.
    """

    METAINFO = dict(
        classes=COCO_CLASSES,
        palette=[
            [255, 60, 190],
            [180, 70, 255],
            [255, 210, 60],
            [200, 120, 60],
            [255, 150, 200],
            [250, 120, 90],
            [150, 0, 110],
            [255, 130, 0],
            [240, 240, 20],
            [220, 20, 60],
            [0, 200, 200],
            [0, 0, 160],
            [205, 205, 190],
            [150, 110, 80],
            [200, 235, 120],
            [120, 70, 30],
            [110, 110, 60],
            [200, 160, 230],
            [150, 150, 170],
            [150, 220, 225],
            [110, 30, 30],
            [220, 190, 140],
            [30, 140, 50],
            [110, 180, 255],
            [90, 90, 90],
            [90, 110, 140],
            [20, 80, 220],
        ],
        partitions=dict(things=COCO_THINGS, stuff=COCO_STUFF),
    )

    def __init__(
        self,
        encoding: str | None = None,
        seg_map_suffix: str | None = None,
        img_suffix: str = '.jpg',
        **kwargs,
    ) -> None:
        self.encoding = _choose_encoding(encoding, seg_map_suffix)
        if seg_map_suffix is None:
            seg_map_suffix = SUFFIXES[self.encoding]
        super().__init__(img_suffix=img_suffix, seg_map_suffix=seg_map_suffix, **kwargs)

    def encoding_table(self) -> tuple[int, ...]:
        """Super-class of each id of the encoding."""
        return TABLES[self.encoding]


def _choose_encoding(encoding: str | None, suffix: str | None) -> str:
    if encoding not in (None, *SUFFIXES):
        raise InputError(
            f'encoding must be one of {tuple(SUFFIXES)} or None, got {encoding!r}'
        )
    if encoding == 'raw' and suffix == SUFFIXES['train_ids']:
        raise InputError(
            f"encoding='raw' contradicts seg_map_suffix={suffix!r}, which mmseg's "
            "converter gives to 171 ids; set encoding='train_ids' or another suffix"
        )
    if encoding is not None:
        return encoding
    for name, known in SUFFIXES.items():
        if suffix in (None, known):
            return name
    raise InputError(
        f'seg_map_suffix={suffix!r} does not tell the encoding; set encoding to one '
        f'of {tuple(SUFFIXES)}'
    )
