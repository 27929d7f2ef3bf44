"""Views are drawn by the index in the whole data set, also inside wrappers."""

import numpy as np
import pytest
import torch
from mmengine.dataset import DefaultSampler
from mmengine.registry import init_default_scope
from mmseg.registry import TRANSFORMS
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset

from mmseg_picie.datasets import EqualStepsBatchSampler, collate_views, number_samples
from mmseg_picie.engine import ImagePass
from mmseg_picie.views import round_clock


class Images(Dataset):
    """The same image again and again: views differ by their draws alone."""

    def __init__(self, num):
        init_default_scope('mmseg')
        rng = np.random.default_rng(0)
        self.image = rng.integers(0, 256, (40, 60, 3), dtype='u1')
        self.num = num
        self.views = TRANSFORMS.build(dict(type='PairedViews', size=16))
        self.pack = TRANSFORMS.build(dict(type='PackViews'))

    def __len__(self):
        return self.num

    def __getitem__(self, index):
        return self.pack(self.views(dict(img=self.image, sample_idx=index)))


class Repeated(Dataset):
    """As mmengine's RepeatDataset."""

    def __init__(self, dataset, times):
        self.dataset, self.times = dataset, times

    def __len__(self):
        return self.times * len(self.dataset)

    def __getitem__(self, index):
        return self.dataset[index % len(self.dataset)]


WRAPPED = dict(
    concat=lambda: ConcatDataset([Images(3), Images(5)]),
    repeat=lambda: Repeated(Images(4), 2),
    subset=lambda: Subset(Images(20), [7, 7, 3, 0, 19, 2, 7, 1]),
)


@pytest.fixture(autouse=True)
def clock():
    round_clock.set(3, 1)
    yield
    round_clock.set(0, 0)


def trained(dataset, **loader):
    """Boxes and first views of each sample, as the training loader gives them."""
    batches = EqualStepsBatchSampler(DefaultSampler(dataset, False, 0, False), 3)
    loader = DataLoader(
        dataset, batch_sampler=batches, collate_fn=collate_views, **loader
    )
    return [
        torch.cat([batch['inputs'][name].flatten(1) for batch in loader])
        for name in ('box', 'view1')
    ]


@pytest.mark.parametrize('name', WRAPPED)
@pytest.mark.parametrize(
    'loader',
    [{}, dict(num_workers=2), dict(num_workers=1, multiprocessing_context='spawn')],
)
def test_wrapped_data_sets_draw_as_a_plain_one(name, loader):
    plain, wrapped = trained(Images(8)), trained(WRAPPED[name](), **loader)
    assert all(map(torch.equal, plain, wrapped))
    assert len(plain[0].unique(dim=0)) == 8  # and no two samples alike


@pytest.mark.parametrize('name', WRAPPED)
def test_clustering_sees_the_views_of_the_training(name):
    dataset = WRAPPED[name]()
    boxes, _ = trained(dataset)
    images = ImagePass(dataset, 3, 0, collate_views, 'pass', 1.0)
    for indices, batch in images.run((3, 1)):
        assert torch.equal(batch['inputs']['box'], boxes[indices])


def test_numbers_may_be_given():
    boxes, _ = trained(Images(8))
    images = ImagePass(Images(3), 3, 0, collate_views, 'pass', 1.0, numbers=[6, 0, 2])
    ((indices, batch),) = images.run((3, 1))
    numbers = [[6, 0, 2][index] for index in indices]
    assert torch.equal(batch['inputs']['box'], boxes[numbers])


def test_sample_that_is_asked_for_directly_has_its_own_index():
    boxes, _ = trained(Images(8))
    dataset = Images(8)
    number_samples(dataset, [5] * 8)
    assert torch.equal(dataset[4]['inputs']['box'], boxes[4])
