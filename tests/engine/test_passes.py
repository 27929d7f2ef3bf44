from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import ConfigDict
from mmengine.dataset import Compose, ConcatDataset, RepeatDataset
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS, MODELS
from mmseg.structures import SegDataSample
from torch.utils.data import Subset

from mmseg_picie.datasets import with_leaves
from mmseg_picie.engine import evaluation_transforms, images_by_shape
from mmseg_picie.engine.rounds.passes import plain_pass
from mmseg_picie.errors import InputError
from mmseg_picie.models import split_points

LOAD = dict(type='LoadImageFromFile')
PACK = dict(type='PackSegInputs', meta_keys=('img_path', 'ignore_mask'))


@pytest.fixture
def dataset(camvid_root):
    init_default_scope('mmseg')
    return DATASETS.build(
        dict(
            type='CamVidDataset',
            data_root=str(camvid_root),
            ann_file='splits/train.txt',
            data_prefix=dict(img_path='img'),
            pipeline=[LOAD, dict(type='PairedViews', size=16), dict(type='PackViews')],
        )
    )


def preprocessor(**options):
    return MODELS.build(
        dict(type='ViewsDataPreProcessor', mean=[0.0] * 3, std=[1.0] * 3, **options)
    )


def test_plain_pass_visits_each_image_once_without_labels(dataset):
    # The pipeline would load annotations, and the training data has none.
    transforms = Compose([LOAD, dict(type='LoadAnnotations'), PACK]).transforms
    images = plain_pass(dataset, transforms, batch_size=3, num_workers=0, title='x')
    seen = [
        (index, sample['data_samples'].img_path)
        for indices, samples in images.run((0, 1))
        for index, sample in zip(indices, samples, strict=True)
    ]
    assert sorted(index for index, _ in seen) == list(range(7))
    for index, path in seen:
        assert path == dataset.get_data_info(index)['img_path']
    assert 'views' not in dataset[0]  # the training pipeline is as it was


@pytest.mark.parametrize(
    'wrap', [lambda d: ConcatDataset([d, d]), lambda d: RepeatDataset(d, times=2)]
)
def test_wrapped_data_sets_keep_their_wrappers(dataset, wrap):
    wrapped = wrap(dataset)
    steps = Compose([LOAD, PACK])
    plain = with_leaves(wrapped, lambda part: setattr(part, 'pipeline', steps))
    assert len(plain) == 14
    assert plain[9]['inputs'].shape == (3, 40, 56)
    assert wrapped[9]['inputs']['view1'].shape == (3, 16, 16)


@pytest.mark.parametrize('share, advice', [(1.0, '$'), (0.5, ', or raise .*share$')])
def test_fewer_images_than_processes_are_refused(dataset, monkeypatch, share, advice):
    module = 'mmseg_picie.engine.rounds.passes.get_world_size'
    monkeypatch.setattr(module, lambda: 8)
    words = f'of the 7 images of the data set, with 8 processes.*per image{advice}'
    with pytest.raises(InputError, match=words):
        plain_pass(dataset, [], 1, 0, 'x', share)


# --- transforms -------------------------------------------------------------------


def run_with(dataset, settings):
    """The part of a runner that tells how images are evaluated."""
    loop = dataset and SimpleNamespace(dataloader=SimpleNamespace(dataset=dataset))
    return SimpleNamespace(val_loop=loop, cfg=settings)


@pytest.mark.parametrize(
    'wrap',
    [
        lambda d: d,
        lambda d: RepeatDataset(d, times=2),
        lambda d: Subset(ConcatDataset([d, d]), [1, 9]),
    ],
)
def test_images_are_evaluated_as_in_validation(dataset, wrap):
    runner = run_with(wrap(dataset), ConfigDict(test_pipeline=[PACK]))
    found = evaluation_transforms(runner)
    assert found is dataset.pipeline.transforms


def test_images_without_a_validation_are_evaluated_by_the_test_pipeline():
    init_default_scope('mmseg')
    settings = ConfigDict(test_pipeline=[LOAD, PACK])
    found = evaluation_transforms(run_with(None, settings))
    assert [type(step).__name__ for step in found] == [LOAD['type'], PACK['type']]


def test_no_way_to_evaluate_images_is_refused():
    with pytest.raises(InputError, match='neither val_dataloader nor test_pipeline'):
        evaluation_transforms(run_with(None, ConfigDict()))


# --- batches ----------------------------------------------------------------------


def sample(height, width, ignore=None):
    data_sample = SegDataSample(metainfo=dict(img_path='x'))
    if ignore is not None:
        data_sample.set_metainfo(dict(ignore_mask=ignore))
    image = torch.full((3, height, width), height, dtype=torch.uint8)
    return dict(inputs=image, data_samples=data_sample)


def test_images_are_stacked_by_shape():
    samples = [sample(4, 6), sample(5, 6), sample(4, 6)]
    groups = list(images_by_shape(samples, preprocessor()))
    assert [positions for positions, *_ in groups] == [[0, 2], [1]]
    assert [images.shape for _, images, _ in groups] == [(2, 3, 4, 6), (1, 3, 5, 6)]
    assert all(ignore is None for *_, ignore in groups)
    assert (groups[1][1] == 5).all()


def test_ignored_pixels_and_padding_are_left_out_of_the_points():
    mask = np.zeros((4, 6), bool)
    mask[0, 0] = True
    samples = [sample(4, 6, mask), sample(4, 6, np.zeros((4, 6), bool))]
    prepare = preprocessor(test_cfg=dict(size_divisor=8))
    ((_, images, ignore),) = images_by_shape(samples, prepare)
    assert images.shape == (2, 3, 8, 8)
    expected = torch.ones(2, 8, 8, dtype=torch.bool)
    expected[:, :4, :6] = False
    expected[0, 0, 0] = True
    assert torch.equal(ignore, expected)
    # At stride 2 the ignored pixel takes its whole cell with it.
    embedding = torch.arange(2 * 16).float().reshape(2, 1, 4, 4)
    first, second = split_points(embedding, ignore)
    assert first.flatten().tolist() == [1, 2, 4, 5, 6]
    assert second.flatten().tolist() == [16, 17, 18, 20, 21, 22]
