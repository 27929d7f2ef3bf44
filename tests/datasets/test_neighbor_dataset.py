"""A sample brings one of its nearest images along, drawn by (seed, round, sample)."""

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS, TRANSFORMS
from torch.utils.data import DataLoader, Dataset, Subset

from mmseg_picie.datasets import NeighborDataset, collate_views, number_samples
from mmseg_picie.errors import InputError
from mmseg_picie.views import round_clock

SIDE, NUM = 12, 6
TABLE = [[(row + step) % NUM for step in (1, 2, 3)] for row in range(NUM)]


class Gray(Dataset):
    """Image i is gray 20 i; its views are not changed, or cropped by their draws."""

    def __init__(self, **ranges):
        init_default_scope('mmseg')
        same = dict(jitter_prob=0.0, grayscale_prob=0.0, blur_prob=0.0)
        options = dict(size=SIDE, **same, **ranges)
        self.views = TRANSFORMS.build(dict(type='PairedViews', **options))
        self.pack = TRANSFORMS.build(dict(type='PackViews'))

    def __len__(self):
        return NUM

    def __getitem__(self, index):
        image = np.full((20, 20, 3), 20 * index, 'u1')
        return self.pack(self.views(dict(img=image, sample_idx=index)))


class Ramp(Gray):
    """Every crop of an image shows where it was cut."""

    def __getitem__(self, index):
        image = np.arange(400).reshape(20, 20, 1) % 251 + np.zeros((20, 20, 3))
        return self.pack(self.views(dict(img=image.astype('u1'), sample_idx=index)))


@pytest.fixture(autouse=True)
def clock():
    round_clock.set(3, 0)
    yield
    round_clock.set(0, 0)


def dataset(kind=Gray, **ranges):
    wrapped = NeighborDataset(kind(**ranges))
    wrapped.set_table(torch.tensor(TABLE))
    number_samples(wrapped)
    return wrapped


def ids(batch, name):
    return (batch['inputs'][name][:, 0, 0, 0] // 20).tolist()


def loaded(data, workers=0, batch_size=2):
    options = (
        dict(num_workers=workers, multiprocessing_context='fork') if workers else {}
    )
    return list(DataLoader(data, batch_size, collate_fn=collate_views, **options))


def neighbors(data, **options):
    return [i for batch in loaded(data, **options) for i in ids(batch, 'neighbor')]


def test_neighbor_is_one_of_the_nearest_and_all_are_drawn():
    data, drawn = dataset(), [set() for _ in range(NUM)]
    for round_index in range(30):
        round_clock.set(3, round_index)
        for batch in loaded(data):
            for row, other in zip(ids(batch, 'view1'), ids(batch, 'neighbor')):
                drawn[row].add(other)
    assert [sorted(others) for others in drawn] == [sorted(row) for row in TABLE]


@pytest.mark.parametrize('options', [dict(workers=2), dict(batch_size=5)])
def test_draws_are_those_of_seed_round_and_sample(options):
    expected = neighbors(dataset())
    assert neighbors(dataset(), **options) == expected
    for key in ((3, 1), (4, 0)):
        round_clock.set(*key)
        assert neighbors(dataset()) != expected
    round_clock.set(3, 0)
    assert neighbors(dataset()) == expected


def test_neighbor_is_seen_as_it_is_as_a_sample_of_its_own():
    data = dataset(Ramp, crop_ratio=(0.5, 0.5))
    samples = [data[index]['inputs'] for index in range(NUM)]
    numbered = data.__getitems__(range(NUM))
    for plain, sample in zip(samples, numbered, strict=True):
        assert torch.equal(plain['neighbor'], sample['inputs']['neighbor'])
        assert any(torch.equal(plain['neighbor'], other['view1']) for other in samples)


def test_plain_view_is_the_neighbors_where_training_sees_it():
    data = dataset(train_view1='plain')
    sample = data[0]['inputs']
    (other,) = {*(sample['neighbor'][0].unique() // 20).tolist()}
    assert torch.equal(sample['neighbor'], data[other]['inputs']['train_view1'])


def test_samples_without_views_are_those_of_the_wrapped_data_set():
    plain = [dict(inputs=torch.zeros(3, 4, 4), data_samples=i) for i in range(2)]
    assert NeighborDataset(plain)[1] is plain[1]


def test_subset_keeps_the_numbers_of_the_whole():
    data = dataset()
    rows = [5, 2]
    part = Subset(data, rows)
    number_samples(part, rows)
    whole = neighbors(data)
    assert neighbors(part) == [whole[row] for row in rows]


def test_unknown_neighbors_are_an_error_that_names_the_hook():
    with pytest.raises(InputError, match='NeighborTableHook'):
        NeighborDataset(Gray())[0]


def test_table_of_another_number_of_samples_is_refused():
    with pytest.raises(InputError, match='of 5 samples, the data set has 6'):
        NeighborDataset(Gray()).set_table(torch.tensor(TABLE[:5]))


def test_is_built_from_a_config(camvid_root):
    leaf = dict(
        type='CamVidDataset',
        data_root=str(camvid_root),
        ann_file='splits/train.txt',
        data_prefix=dict(img_path='img'),
        pipeline=[],
    )
    built = DATASETS.build(dict(type='NeighborDataset', dataset=leaf))
    built.full_init()
    assert len(built) == 7
    assert built.metainfo['classes'] == built.dataset.metainfo['classes']
