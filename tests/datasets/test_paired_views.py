import multiprocessing

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import FUNCTIONS, init_default_scope
from mmseg.registry import TRANSFORMS
from torch.utils.data import DataLoader, Dataset

from mmseg_picie.views.clock import round_clock
from mmseg_picie.views.pair import make_views
from mmseg_picie.views.sampling import ViewRanges, draw_view_params

COLLATE = FUNCTIONS.get('collate_views')


class Images(Dataset):
    """Random images through PairedViews and PackViews."""

    def __init__(self, num=8, **options):
        init_default_scope('mmseg')
        rng = np.random.default_rng(0)
        self.images = [
            rng.integers(0, 256, (40, 60, 3), dtype='u1') for _ in range(num)
        ]
        self.views = TRANSFORMS.build(dict(type='PairedViews', size=16, **options))
        self.pack = TRANSFORMS.build(dict(type='PackViews'))

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        results = dict(img=self.images[index], sample_idx=index)
        return self.pack(self.views(results))


def collect(dataset, batch_size=4, **loader):
    batches = list(
        DataLoader(dataset, batch_size=batch_size, collate_fn=COLLATE, **loader)
    )
    keys = batches[0]['inputs']
    return {k: torch.cat([batch['inputs'][k] for batch in batches]) for k in keys}


def same(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


@pytest.fixture(autouse=True)
def clock():
    round_clock.set(3, 1)
    cv2.setNumThreads(1)
    yield
    round_clock.set(0, 0)


@pytest.mark.parametrize(
    'loader',
    [
        dict(batch_size=1),
        dict(num_workers=2, multiprocessing_context='fork'),
        dict(num_workers=2, multiprocessing_context='fork', persistent_workers=True),
        dict(num_workers=1, multiprocessing_context='spawn'),
    ],
)
def test_views_do_not_depend_on_workers_or_batch_size(loader):
    dataset = Images()
    assert same(collect(dataset), collect(dataset, **loader))


def test_persistent_workers_see_the_next_round():
    dataset = Images()
    loader = DataLoader(
        dataset,
        batch_size=8,
        collate_fn=COLLATE,
        num_workers=1,
        persistent_workers=True,
        multiprocessing_context=multiprocessing.get_context('fork'),
    )
    (first,) = list(loader)
    round_clock.set(3, 2)
    (second,) = list(loader)
    assert not torch.equal(first['inputs']['box'], second['inputs']['box'])
    assert same(second['inputs'], collect(dataset))


def test_transform_is_a_shell_over_the_pure_functions():
    dataset = Images(2)
    packed = dataset[1]['inputs']
    views = make_views(
        dataset.images[1], draw_view_params(3, 1, 1, ViewRanges()), (16, 16)
    )
    for name in ('view1', 'view2'):
        assert packed[name].dtype == torch.uint8
        expected = getattr(views, name).transpose(2, 0, 1)
        assert np.array_equal(packed[name].numpy(), expected)
    assert np.array_equal(packed['box'].numpy(), views.box)
    assert packed['flip'].item() == views.flip


def test_options_of_the_released_code_reach_the_pure_functions():
    released = dict(photometric='chain', frame_size=32, feature_grid=4)
    dataset = Images(1, **released, train_view1='plain', blur_draw='gate')
    packed = dataset[0]['inputs']
    views = make_views(
        dataset.images[0],
        draw_view_params(3, 1, 0, ViewRanges(blur_draw='gate')),
        (16, 16),
        chain=True,
        frame_size=32,
        feature_grid=4,
        plain_view1=True,
    )
    for name in ('view1', 'view2', 'train_view1'):
        expected = getattr(views, name).transpose(2, 0, 1)
        assert np.array_equal(packed[name].numpy(), expected)
    assert np.array_equal(packed['box'].numpy(), views.box)
    assert not torch.equal(packed['train_view1'], packed['view1'])


def test_flips_and_turns_are_collated_as_drawn():
    any_way = dict(vertical_flip_prob=0.5, quarter_turns=True)
    batch = collect(Images(16, **any_way))
    ranges = ViewRanges(**any_way)
    drawn = [draw_view_params(3, 1, index, ranges).geometric for index in range(16)]
    assert batch['turns'].dtype == torch.int64
    assert batch['turns'].tolist() == [each.turns for each in drawn]
    assert batch['flip'].tolist() == [each.flip for each in drawn]
    assert set(batch['turns'].tolist()) == {0, 1, 2, 3}
    assert not collect(Images(16))['turns'].any()


def test_plain_view_is_collated_with_the_others_where_asked_for():
    assert 'train_view1' not in collect(Images(3))
    batch = collect(Images(3, train_view1='plain'))
    assert batch['train_view1'].shape == (3, 3, 16, 16)


def test_ignore_mask_is_packed():
    dataset = Images(1)
    mask = np.ones((40, 60), bool)
    results = dict(img=dataset.images[0], sample_idx=0, ignore_mask=mask)
    packed = dataset.pack(dataset.views(results))['inputs']
    assert packed['ignore'].all() and packed['ignore'].shape == (16, 16)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(size=0), 'size must be positive'),
        (dict(size=8, frame='middle'), "frame must be one of .* got 'middle'"),
        (dict(size=8, photometric='hsv'), "photometric must be one of .* got 'hsv'"),
        (dict(size=8, train_view1='none'), "train_view1 must be one of .* got 'none'"),
        (dict(size=8, frame_size=0), 'frame_size must be >= 1, got 0'),
        (dict(size=8, feature_grid=2, frame='full'), 'Views.feature_grid=2 needs fra'),
        (
            dict(size=8, flip_probability=1),
            r'no flip_probability \(did you mean flip_prob',
        ),
        (dict(size=8, hue=0.7), 'hue must be in'),
        (
            dict(size=(8, 9), quarter_turns=True),
            'PairedViews: quarter turns need squar',
        ),
        (dict(size=8, quarter_turns=1), 'quarter_turns must be True or False, got 1'),
    ],
)
def test_bad_option_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        TRANSFORMS.build(dict(type='PairedViews', **options))
