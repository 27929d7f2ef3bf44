"""Scenes with pasted regions: what is where, and how it lies in its source."""

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmseg.registry import TRANSFORMS
from torch.utils.data import DataLoader, Dataset

from mmseg_picie.datasets import CutMixDataset, collate_views, number_samples
from mmseg_picie.views import RegionRanges, draw_paste, round_clock, warp

SIDE, NUM = 32, 5


class Slopes(Dataset):
    """Image i is gray 40 i, brighter to the right and downwards."""

    def __init__(self, num=NUM, ignore=False):
        init_default_scope('mmseg')
        same = dict(jitter_prob=0.0, grayscale_prob=0.0, blur_prob=0.0)
        self.views = TRANSFORMS.build(dict(type='PairedViews', size=SIDE, **same))
        self.pack = TRANSFORMS.build(dict(type='PackViews'))
        self.num, self.ignore = num, ignore

    def __len__(self):
        return self.num

    def __getitem__(self, index):
        y, x = np.mgrid[:64, :64] / 64
        gray = 40 * index + 20 * x + 12 * y
        image = np.repeat(gray[..., None], 3, 2).astype('u1')
        sample = dict(img=image, sample_idx=index)
        if self.ignore:
            sample['ignore_mask'] = np.full((64, 64), index % 2 == 1)
        return self.pack(self.views(sample))


@pytest.fixture(autouse=True)
def clock():
    round_clock.set(3, 1)
    yield
    round_clock.set(0, 0)


def samples(**options):
    return [sample['inputs'] for sample in map_(CutMixDataset(Slopes(**options)))]


def map_(data):
    return [data[index] for index in range(len(data))]


def test_a_scene_is_one_image_outside_the_region_and_another_inside():
    for index, inputs in enumerate(samples()):
        other, region = draw_paste(3, 1, index, NUM, (SIDE, SIDE), RegionRanges())
        assert np.array_equal(inputs['pasted'].numpy(), region)
        views = [Slopes()[i]['inputs'] for i in (index, other)]
        for pixels, view in zip((~region, region), views, strict=True):
            assert torch.equal(inputs['scene'][:, pixels], view['view1'][:, pixels])
        assert torch.equal(inputs['source'], views[1]['view2'])
        # The sample's own views are as they were.
        for name, value in views[0].items():
            assert torch.equal(inputs[name], value)


def test_the_source_is_brought_to_where_the_region_shows_it():
    for inputs in samples():
        where = inputs['source_box'][None], inputs['source_flip'][None]
        turns = inputs['source_turns'][None]
        seen = warp(inputs['source'][None].float(), *where, (SIDE, SIDE), turns)[0]
        away = (seen - inputs['scene'].float()).abs()[:, inputs['pasted']]
        assert away.max() < 2.0  # of a slope of 32, rounded twice


def test_ignored_pixels_go_with_the_image_they_are_of():
    for index, inputs in enumerate(samples(ignore=True)):
        other, region = draw_paste(3, 1, index, NUM, (SIDE, SIDE), RegionRanges())
        expected = np.where(region, other % 2 == 1, index % 2 == 1)
        assert np.array_equal(inputs['scene_ignore'].numpy(), expected)
    assert 'scene_ignore' not in samples()[0]


def test_workers_and_batches_change_nothing_and_rounds_do():
    data = CutMixDataset(Slopes())
    number_samples(data)

    def scenes(batch_size, workers=0):
        options = dict(multiprocessing_context='fork') if workers else {}
        loader = DataLoader(
            data,
            batch_size,
            collate_fn=collate_views,
            num_workers=workers,
            **options,
        )
        return torch.cat([batch['inputs']['scene'] for batch in loader])

    first = scenes(1)
    assert torch.equal(first, scenes(3)) and torch.equal(first, scenes(2, workers=2))
    round_clock.set(3, 2)
    assert not torch.equal(first, scenes(1))


def test_a_part_of_the_data_draws_what_it_draws_in_the_whole():
    data = CutMixDataset(Slopes())
    number_samples(data, [0, 1, 2, 3, 4])
    (alone,) = data.__getitems__([3])
    assert torch.equal(alone['inputs']['scene'], samples()[3]['scene'])


def test_plain_samples_pass_through():
    plain = [dict(inputs=torch.zeros(3, 4, 4)), dict(inputs=torch.ones(3, 4, 4))]
    assert CutMixDataset(plain)[1] is plain[1]


def test_one_image_alone_and_unknown_options_are_refused():
    with pytest.raises(ValueError, match='one image alone: add images'):
        CutMixDataset(Slopes(num=1))[0]
    with pytest.raises(ValueError, match=r"has no \['sides'\]; it takes \['shapes',"):
        CutMixDataset(Slopes(), sides=(0.1, 0.2))
