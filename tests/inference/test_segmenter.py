"""Segmenter gives mmseg's own masks, whatever the images come in."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmseg.apis import inference_model
from PIL import Image
from small_run import make_config, run

from mmseg_picie.checkpoints import build_segmentor
from mmseg_picie.errors import InputError, MissingFileError
from mmseg_picie.inference import Segmenter

SIZES = [(40, 56), (40, 56), (31, 77), (90, 64), (40, 56)]


@pytest.fixture(scope='module')
def checkpoint(camvid_root, tmp_path_factory):
    """A run whose test images are resized, as those of configs are."""
    folder = tmp_path_factory.mktemp('segmenter')
    steps = [
        dict(type='LoadImageFromFile'),
        dict(type='ResizeShortSide', size=48),
        dict(type='LoadAnnotations'),
        dict(type='RemapLabels'),
        dict(type='PackSegInputs'),
    ]
    data = dict(dataset=dict(pipeline=steps))
    config = make_config(camvid_root, folder, val_dataloader=data, test_dataloader=data)
    config.test_pipeline = steps
    run(config)
    return folder / 'epoch_1.pth'


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Images of several sizes, one of them in a sub-folder."""
    root = tmp_path_factory.mktemp('images')
    rng = np.random.default_rng(0)
    (root / 'deep').mkdir()
    for index, (height, width) in enumerate(SIZES):
        coarse = rng.integers(0, 255, (5, 7, 3)).astype('u1')
        image = cv2.resize(coarse, (width, height))
        name = f'deep/{index}.png' if index == 3 else f'{index}.png'
        cv2.imwrite(str(root / name), image)
    return root


@pytest.fixture(scope='module')
def segmenter(checkpoint):
    return Segmenter.load(checkpoint, device='cpu')


@pytest.fixture(scope='module')
def expected(checkpoint, folder):
    """Masks by mmseg's inference_model, by name."""
    model, cfg = build_segmentor(checkpoint)
    masks = {}
    for path in sorted(folder.rglob('*.png')):
        model.cfg = cfg
        sample = inference_model(model, str(path))
        masks[path.relative_to(folder).as_posix()] = sample.pred_sem_seg.data[0].numpy()
    return masks


@pytest.mark.parametrize('batch_size', [1, 3, 8])
def test_masks_of_a_folder_are_those_of_mmseg(segmenter, folder, expected, batch_size):
    masks = list(segmenter.predict(folder, batch_size))
    names = sorted(expected)
    assert len(masks) == len(names) == len(SIZES)
    for name, mask in zip(names, masks, strict=True):
        assert mask.shape == expected[name].shape
        assert (mask == expected[name]).mean() > 0.999, name
    assert len(np.unique(np.concatenate([m.ravel() for m in masks]))) > 1


def test_one_image_gives_the_same_mask_in_every_form(segmenter, folder):
    path = folder / '2.png'
    mask = segmenter.predict(str(path))
    image = Image.open(path)
    for form in (path, image, np.array(image)):
        assert np.array_equal(segmenter.predict(form), mask)
    (listed,) = segmenter.predict([path])
    assert np.array_equal(listed, mask)
    assert mask.dtype == np.uint8


def test_gray_arrays_are_images_of_three_equal_channels(segmenter):
    gray = np.random.default_rng(1).integers(0, 255, (20, 30)).astype('u1')
    assert np.array_equal(
        segmenter.predict(gray), segmenter.predict(np.stack([gray] * 3, -1))
    )


def test_images_are_read_only_a_batch_ahead(segmenter, folder):
    seen = []

    def images():
        for index in range(100):
            seen.append(index)
            yield folder / '0.png'

    masks = segmenter.predict(images(), batch_size=2)
    next(masks)
    assert len(seen) <= 6


def test_confidence_is_high_where_one_cluster_is_far_ahead(segmenter, folder):
    from mmseg_picie.inference import input_images

    (found,) = segmenter.predictions(input_images(folder / '2.png'), confidence=True)
    assert found.confidence.shape == found.ids.shape
    assert found.confidence.min() >= 1 / segmenter.num_clusters - 1e-3
    assert found.confidence.max() <= 1
    assert np.array_equal(found.ids, segmenter.predict(folder / '2.png'))


@pytest.mark.parametrize(
    ('image', 'words'),
    [
        (np.zeros((4, 4, 3)), 'uint8'),
        (np.zeros((4, 4, 4), 'u1'), r'\(H, W, 3\)'),
        (7, 'got int'),
    ],
)
def test_what_is_no_image_is_refused(segmenter, image, words):
    with pytest.raises(InputError, match=words):
        masks = segmenter.predict(image)
        next(masks)


def test_missing_broken_and_empty_are_named(segmenter, tmp_path):
    with pytest.raises(MissingFileError, match='nowhere.png'):
        segmenter.predict('nowhere.png')
    broken = Path(tmp_path / 'broken.png')
    broken.write_bytes(b'no image')
    with pytest.raises(InputError, match=r'broken.png cannot be decoded'):
        segmenter.predict(broken)
    broken.unlink()
    with pytest.raises(InputError, match='holds no image'):
        next(segmenter.predict(tmp_path))


def test_names_and_colors_are_those_of_clusters(segmenter):
    assert segmenter.classes == tuple(f'cluster_{i}' for i in range(4))
    assert len(segmenter.palette) == segmenter.num_clusters == 4
    assert not any(p.requires_grad for p in segmenter.model.parameters())
    assert torch.is_inference_mode_enabled() is False


def test_checkpoint_whose_centroids_were_never_fitted_is_refused(checkpoint, tmp_path):
    loaded = torch.load(checkpoint, weights_only=False)
    loaded['state_dict']['decode_head.centroids_round'].fill_(-1)
    torch.save(loaded, tmp_path / 'new.pth')
    with pytest.raises(InputError, match='never fitted'):
        Segmenter(tmp_path / 'new.pth')
