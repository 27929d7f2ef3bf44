import copy

import pytest
import torch
import torch.nn.functional as F
from mmengine.runner import Runner

from mmseg_picie.datasets import collate_views
from mmseg_picie.engine import LabelFreeSample, evaluation_transforms
from mmseg_picie.engine.rounds.label_free_sample import values_at
from mmseg_picie.views import draw_order, draw_pixels, round_clock


@pytest.fixture
def runner(config):
    return Runner.from_cfg(config())


@pytest.fixture
def model(runner):
    runner.model.init_weights()
    runner.model.freeze_network()
    return runner.model


def make_sample(runner, num_images=5, points_per_image=9, batch_size=2):
    return LabelFreeSample(
        runner.train_dataloader.dataset,
        evaluation_transforms(runner),
        runner.seed,
        num_images,
        points_per_image,
        batch_size,
    )


@pytest.mark.parametrize('size', [(4, 6), (16, 24)])
def test_values_of_another_grid_are_interpolated(size):
    level = torch.randn(3, *size)
    cells = torch.tensor([0, 13, 95])
    if size == (4, 6):  # coarser
        expected = F.interpolate(level[None], (8, 12), mode='bilinear')
    else:
        expected = F.adaptive_avg_pool2d(level[None], (8, 12))
    expected = expected[0].flatten(1)[:, cells].T
    assert torch.allclose(values_at(level, cells, (8, 12)), expected, atol=1e-5)


def test_values_of_the_same_grid_are_picked():
    level = torch.arange(2 * 6.0).reshape(2, 2, 3)
    assert values_at(level, torch.tensor([4, 0]), (2, 3)).tolist() == [[4, 10], [0, 6]]


def test_sample_is_a_function_of_the_seed_and_not_of_the_batches(runner, model):
    first, second = (
        make_sample(runner, batch_size=size).points(model) for size in (2, 3)
    )
    assert first.shape == (5 * 9, 8)
    assert torch.allclose(first, second, atol=1e-5)
    assert torch.allclose(first.norm(dim=1), torch.ones(45))


def test_views_show_the_same_pixels(runner, model):
    sample = make_sample(runner)
    view1, view2 = sample.view_points(model, 1)
    others, _ = sample.view_points(model, 0)
    assert view1.shape == others.shape and not torch.allclose(view1, others)
    # What training would cluster of the same images in that round.
    dataset = runner.train_dataloader.dataset
    round_clock.set(runner.seed, 1)
    order = draw_order(runner.seed, 0, 7)[:5]
    batch = collate_views([dataset[int(index)] for index in order])
    maps = model.frozen_pair(model.data_preprocessor(batch, True)['inputs'])
    cells = [draw_pixels(runner.seed, 0, position, 16 * 16, 9) for position in range(5)]
    for points, view in zip((view1, view2), maps, strict=True):
        expected = [m.flatten(1)[:, c].T for m, c in zip(view, cells, strict=True)]
        assert torch.allclose(points, torch.cat(expected), atol=1e-5)


def test_fewer_points_of_other_images_are_all_neighbors(runner, model):
    sample = make_sample(runner, num_images=2, points_per_image=3)
    neighbors = sample.initial_neighbors(model, 10)
    assert neighbors.sort(1).values.tolist() == 3 * [[3, 4, 5]] + 3 * [[0, 1, 2]]


def test_neighbors_are_of_other_images(runner, model):
    neighbors = make_sample(runner).initial_neighbors(model, 4)
    assert neighbors.shape == (45, 4)
    image = torch.arange(45) // 9
    assert (image[neighbors.long()] != image[:, None]).all()


def test_neighbors_are_the_nearest_in_the_backbones_balanced_levels(runner, model):
    found = make_sample(runner).initial_neighbors(model, 4)
    backbone = copy.deepcopy(model.backbone)
    backbone.eval()  # mmseg's ResNet returns nothing from it
    training, labeled = runner.train_dataloader.dataset, runner.val_dataloader.dataset
    load, *_, pack = labeled.pipeline.transforms
    rows = []
    for position, index in enumerate(draw_order(runner.seed, 0, 7)[:5]):
        sample = pack(load(training.get_data_info(int(index))))
        batch = dict(inputs=[sample['inputs']], data_samples=[sample['data_samples']])
        cells = draw_pixels(runner.seed, 0, position, 10 * 14, 9)
        with torch.no_grad():
            levels = backbone(model.data_preprocessor(batch, False)['inputs'])
        cells = torch.from_numpy(cells)
        rows.append([values_at(level[0], cells, (10, 14)) for level in levels])
    levels = [torch.cat(parts).double() for parts in zip(*rows, strict=True)]
    levels = [level - level.mean(0) for level in levels]
    scaled = [level / level.square().sum(1).mean().sqrt() for level in levels]
    features = F.normalize(torch.cat(scaled, 1), dim=1)
    cosines = features @ features.T
    image = torch.arange(45) // 9
    cosines[image[:, None] == image] = -torch.inf
    assert torch.equal(found.long(), cosines.topk(4).indices)


@pytest.mark.parametrize('padding', [None, dict(size_divisor=64)])
def test_images_with_fewer_cells_give_them_all(config, padding):
    preprocessor = dict(test_cfg=padding)
    runner = Runner.from_cfg(config(model=dict(data_preprocessor=preprocessor)))
    runner.model.freeze_network()
    sample = make_sample(runner, num_images=100, points_per_image=1000)
    assert len(sample.points(runner.model)) == 7 * 10 * 14
