"""CamVid, 11 classes."""

from mmseg.registry import DATASETS

from .base import OptionalLabelDataset


@DATASETS.register_module()
class CamVidDataset(OptionalLabelDataset):
    """CamVid with the 11 classes of SegNet, 255 void.

    Layout: ``img/<id>.jpg``, ``ann/<id>.png``, ``splits/{train,val,test}.txt``.

    Args:
        img_suffix: End of the images' names.
        seg_map_suffix: End of the annotations' names.
        **kwargs: As for :class:`OptionalLabelDataset`.
    """

    METAINFO = dict(
        classes=(
            'sky',
            'building',
            'pole',
            'road',
            'pavement',
            'tree',
            'sign',
            'fence',
            'car',
            'pedestrian',
            'bicyclist',
        ),
        palette=[
            [128, 128, 128],
            [128, 0, 0],
            [192, 192, 128],
            [128, 64, 128],
            [60, 40, 222],
            [128, 128, 0],
            [192, 128, 128],
            [64, 64, 128],
            [64, 0, 128],
            [64, 64, 0],
            [0, 128, 192],
        ],
    )

    def __init__(
        self, img_suffix: str = '.jpg', seg_map_suffix: str = '.png', **kwargs
    ) -> None:
        super().__init__(img_suffix=img_suffix, seg_map_suffix=seg_map_suffix, **kwargs)
