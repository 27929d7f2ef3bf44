"""Supervised configs: they run, and differ in nothing but the backbone."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmseg.registry import DATA_SAMPLERS

import mmseg_picie  # noqa: F401, registers
from mmseg_picie.datasets.share_sampler import ShareSampler

CONFIGS = Path(__file__).parents[2] / 'configs/supervised'
BACKBONES = ('r18', 'mbv2', 'lite0')


def config(backbone):
    return Config.fromfile(CONFIGS / f'fpn_{backbone}_camvid.py')


def test_backbones_share_everything_else():
    first, *others = (config(backbone) for backbone in BACKBONES)
    for cfg in (first, *others):
        del cfg.model['backbone'], cfg.model['neck']['in_channels']
        for name in ('mean', 'std'):  # as the backbone was pretrained
            del cfg.model.data_preprocessor[name]
        for name in ('mbv2', 'lite0'):  # what the backbone was taken from
            cfg.pop(name, None)
    assert all(other.to_dict() == first.to_dict() for other in others)


@pytest.mark.parametrize('backbone', BACKBONES)
def test_config_trains_and_is_scored_by_class(backbone, camvid_root, tmp_path):
    cfg = config(backbone)
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.data_root = str(camvid_root)
        loader.num_workers, loader.persistent_workers = 0, False
        loader.batch_size = 2
    cfg.train_dataloader.sampler.share = 0.5
    cfg.merge_from_dict(
        dict(
            work_dir=str(tmp_path / backbone),
            experiment_name=f'{tmp_path.name}_{backbone}',
            test_dataloader=None,
            test_cfg=None,
            test_evaluator=None,
            log_level='ERROR',
            train_cfg=dict(max_iters=2, val_interval=2),
        )
    )
    runner = Runner.from_cfg(cfg)
    runner.train()
    assert len(runner.train_dataloader.sampler) == 4  # half of seven, rounded
    stem = next(p for p in runner.model.parameters() if p.dim() == 4)
    assert stem.is_contiguous(memory_format=torch.channels_last)
    scores = runner.message_hub.log_scalars
    assert np.isfinite(scores['train/loss'].data[0]).all()
    assert 0 <= scores['val/mIoU'].current() <= 100


# --- share of the labels ----------------------------------------------------------


def images(share, seed):
    return ShareSampler(range(367), share, seed).images.tolist()


@pytest.mark.parametrize('share, count', [(0.1, 37), (0.25, 92), (1.0, 367)])
def test_share_is_rounded_to_images_without_repeats(share, count):
    drawn = images(share, 0)
    assert len(drawn) == len(set(drawn)) == count
    assert set(drawn) <= set(range(367))


def test_share_is_a_function_of_the_seed():
    assert images(0.1, 4) == images(0.1, 4)
    assert set(images(0.1, 4)) != set(images(0.1, 5))


def test_shares_of_a_seed_are_nested():
    assert set(images(0.1, 1)) < set(images(0.25, 1)) < set(images(1.0, 1))


def test_every_pass_has_each_image_once_in_another_order():
    sampler = ShareSampler(range(50), 0.2, 0)
    stream = iter(sampler)
    passes = [[next(stream) for _ in range(10)] for _ in range(3)]
    for visited in passes:
        assert sorted(visited) == sorted(sampler.images.tolist())
    assert passes[0] != passes[1] != passes[2]


def test_order_of_a_pass_is_a_function_of_the_seed():
    def places(seed):
        """Of the visited images among the drawn ones."""
        sampler = ShareSampler(range(50), 0.2, seed)
        drawn = sampler.images.tolist()
        return [drawn.index(image) for image in itertools.islice(sampler, 10)]

    assert places(3) == places(3)
    assert places(3) != places(4)


def test_ranks_share_one_stream(monkeypatch):
    stream = iter(ShareSampler(range(50), 0.2, 0))
    whole = [next(stream) for _ in range(30)]
    for rank in range(3):
        module = 'mmseg_picie.datasets.share_sampler.get_dist_info'
        monkeypatch.setattr(module, lambda rank=rank: (rank, 3))
        part = iter(ShareSampler(range(50), 0.2, 0))
        assert [next(part) for _ in range(10)] == whole[rank::3]


@pytest.mark.parametrize('share', [0, -0.1, 1.5])
def test_share_out_of_bounds_is_an_error(share):
    with pytest.raises(ValueError, match=r'share must be in \(0, 1\], got'):
        DATA_SAMPLERS.build(dict(type='ShareSampler', dataset=[1], share=share))
