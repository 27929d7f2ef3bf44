import numpy as np
import pytest
import torch
from mmengine.dataset import Compose, ConcatDataset, RepeatDataset
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS, MODELS
from mmseg.structures import SegDataSample

from mmseg_picie.datasets import with_leaves
from mmseg_picie.engine.rounds.passes import images_by_shape, plain_pass
from mmseg_picie.models.points import split_points

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
