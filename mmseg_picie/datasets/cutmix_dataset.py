"""A data set whose samples have a region of another image pasted into their view."""

from typing import Any

import torch
from mmseg.registry import DATASETS
from torch.utils.data import Dataset

from ..errors import InputError
from ..views import RegionRanges, current_sample, draw_paste, round_clock


@DATASETS.register_module()
class CutMixDataset(Dataset):
    """Adds to each sample a scene: its view 1 with a region of another image's view 1.

    The region's outline is known, so no label is needed to tell where it is and which
    image it is from. ``inputs`` gets the entries

    - ``scene``, (3, H, W): view 1 of the sample, and inside the region of the other;
    - ``pasted``, (H, W) bool: the region;
    - ``source``, (3, H, W): view 2 of the other image, which is whole, with
      ``source_box``, ``source_flip`` and ``source_turns``, by which its features are
      brought to where the region shows them;
    - ``scene_ignore``, (H, W) bool, where samples have ignored pixels.

    Images and regions are a function of the run's seed, the round and the sample's
    number. Samples of a pipeline without views, as passes over plain images have them,
    are those of the wrapped data set.

    Args:
        dataset: What is wrapped: a data set, a wrapper of some, or the config of
            either. Its views have one size.
        **ranges: Fields of :class:`mmseg_picie.views.RegionRanges`.

    Raises:
        InputError: If a range is not valid; in use, if there is one image alone.
    """

    def __init__(self, dataset: Dataset | dict, **ranges) -> None:
        self.dataset = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset
        known = sorted(RegionRanges.__dataclass_fields__)
        unknown = sorted(ranges.keys() - set(known))
        if unknown:
            raise InputError(f'CutMixDataset has no {unknown}; it takes {known}')
        self.ranges = RegionRanges(**{k: tuple(v) for k, v in ranges.items()})

    @property
    def metainfo(self) -> dict:
        """Those of the wrapped data set."""
        return self.dataset.metainfo

    def full_init(self) -> None:
        """Lists the images."""
        self.dataset.full_init()

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """The sample with its scene.

        Raises:
            InputError: If there is no other image.
        """
        sample = self.dataset[index]
        own = sample['inputs']
        if not isinstance(own, dict):  # no views
            return sample
        if len(self) < 2:
            raise InputError(
                'CutMixDataset pastes regions of other images, and there is one image '
                'alone: add images'
            )
        number = current_sample.read(index)
        size = tuple(own['view1'].shape[1:])
        other, region = draw_paste(
            *round_clock.read(), number, len(self), size, self.ranges
        )
        with current_sample.numbered(other):
            views = self.dataset[other]['inputs']
        pasted = torch.from_numpy(region)
        scene = dict(
            scene=torch.where(pasted, views['view1'], own['view1']),
            pasted=pasted,
            source=views['view2'],
            **{f'source_{name}': views[name] for name in ('box', 'flip', 'turns')},
        )
        if 'ignore' in own:
            scene['scene_ignore'] = torch.where(pasted, views['ignore'], own['ignore'])
        return dict(sample, inputs={**own, **scene})
