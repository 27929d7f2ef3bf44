"""A data set of five crops of each image."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import DATASETS
from torch.utils.data import Dataset

from ..errors import InputError
from ..views import CurrentSample
from .transforms import PairedViews
from .wrappers import leaves

CROPS = 5  # four corners and the center
_current_crop = CurrentSample()


@DATASETS.register_module()
class FiveCrops(Dataset):
    """The four corners and the center of each image, as samples of their own.

    Objects are twice as large in a crop of half the side, and there are five times as
    many samples (STEGO, Hamilton et al., ICLR 2022, section 4.1, for COCO and
    Cityscapes). The crops are cut when a sample is loaded, before its views are made;
    nothing is written to disk. Sample 5 i + c is crop c of image i.

    Args:
        dataset: What is wrapped, or its config; its pipelines have ``PairedViews``.
        ratio: Side of a crop as a share of the image's, in (0, 1].

    Raises:
        InputError: If ``ratio`` is out of range, or a pipeline has no ``PairedViews``.
    """

    def __init__(self, dataset: Dataset | dict, ratio: float = 0.5) -> None:
        if not 0 < ratio <= 1:
            raise InputError(f'FiveCrops.ratio must lie in (0, 1], got {ratio}')
        self.dataset = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset
        self.ratio = ratio
        for part in leaves(self.dataset):
            steps = part.pipeline.transforms
            makes_views = [isinstance(step, PairedViews) for step in steps]
            if True not in makes_views:
                raise InputError(
                    'FiveCrops cuts images before PairedViews, and the pipeline of '
                    f'{type(part).__name__} has no such step: add it, or leave '
                    'FiveCrops out'
                )
            steps.insert(makes_views.index(True), _CutCurrentCrop(ratio))

    @property
    def metainfo(self) -> dict:
        """Those of the wrapped data set."""
        return self.dataset.metainfo

    def full_init(self) -> None:
        """Lists the images."""
        self.dataset.full_init()

    def __len__(self) -> int:
        return CROPS * len(self.dataset)

    def __getitem__(self, index: int) -> dict[str, Any]:
        image, crop = divmod(index, CROPS)
        with _current_crop.numbered(crop):
            return self.dataset[image]


class _CutCurrentCrop(BaseTransform):
    """Cuts the crop that is being loaded out of the image and its ignored pixels."""

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio

    def transform(self, results: dict) -> dict:
        """Changes ``img`` and, if there is one, ``ignore_mask``."""
        crop = _current_crop.read(CROPS - 1)
        for name in ('img', 'ignore_mask'):
            if results.get(name) is not None:
                results[name] = one_of_five(results[name], crop, self.ratio)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(ratio={self.ratio})'


def one_of_five(image: np.ndarray, crop: int, ratio: float) -> np.ndarray:
    """A corner or the center of an image, a view of it.

    Args:
        image: (H, W, ...).
        crop: 0 to 4: top left, top right, bottom left, bottom right, center.
        ratio: Side of the crop as a share of the image's.

    Examples:
        >>> image = np.arange(16).reshape(4, 4)
        >>> one_of_five(image, 1, 0.5).tolist()
        [[2, 3], [6, 7]]
        >>> one_of_five(image, 4, 0.5).tolist()
        [[5, 6], [9, 10]]
    """
    sizes = [max(1, int(side * ratio)) for side in image.shape[:2]]
    spare = [side - size for side, size in zip(image.shape[:2], sizes, strict=True)]
    if crop == CROPS - 1:
        starts = [rest // 2 for rest in spare]
    else:
        starts = [spare[0] * (crop // 2), spare[1] * (crop % 2)]
    (top, left), (height, width) = starts, sizes
    return image[top : top + height, left : left + width]
