"""Masks that follow the edges of the image: the same by each way to them."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from mmseg.apis import inference_model
from PIL import Image
from small_run import CLUSTERS, load, make_config, run

from mmseg_picie.checkpoints import build_segmentor
from mmseg_picie.cli.evaluate import evaluate
from mmseg_picie.cli.predict import predict
from mmseg_picie.errors import InputError
from mmseg_picie.inference import Segmenter, input_images, predictor
from mmseg_picie.refinement import GuidedFilter

GUIDED = dict(type='guided', radius=2)
STEPS = [
    dict(type='LoadImageFromFile'),
    dict(type='ResizeShortSide', size=48),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
    dict(type='PackSegInputs'),
]


def config_of(camvid_root, folder, **options):
    data = dict(dataset=dict(pipeline=STEPS))
    return make_config(
        camvid_root,
        folder,
        val_dataloader=data,
        test_dataloader=data,
        test_pipeline=STEPS,
        train_cfg=dict(type='ClusterOnlyLoop'),
        **options,
    )


@pytest.fixture(scope='module')
def run_dir(camvid_root, tmp_path_factory):
    """A run whose config knows nothing of refinements."""
    folder = tmp_path_factory.mktemp('plain')
    run(config_of(camvid_root, folder))
    return folder


@pytest.fixture(scope='module')
def image(camvid_root):
    return camvid_root / 'img' / 'val_00.jpg'


def masks_by_mmseg(checkpoint, image):
    model, cfg = build_segmentor(checkpoint)
    model.refinement = GuidedFilter(radius=2)
    model.cfg = cfg
    return inference_model(model, str(image)).pred_sem_seg.data[0].numpy()


def test_segmenter_and_mmseg_give_the_same_mask(run_dir, image):
    segmenter = Segmenter(run_dir, 'cpu')
    plain = segmenter.predict(image)
    refined = segmenter.predict(image, refine=GUIDED)
    expected = masks_by_mmseg(run_dir / 'epoch_1.pth', image)
    assert (refined == expected).mean() > 0.999
    assert (refined != plain).mean() > 0.01
    assert np.array_equal(segmenter.predict(image), plain)  # for that call alone
    whole = Segmenter(run_dir, 'cpu', refine=GUIDED)
    assert np.array_equal(whole.predict(image), refined)
    assert np.array_equal(whole.predict(image, refine='none'), plain)


def test_named_masks_are_the_names_of_refined_clusters(run_dir, image):
    segmenter = Segmenter(run_dir, 'cpu', refine='pamr')
    clusters = segmenter.predict(image)
    segmenter.name({0: 'sky', 1: 'road', 2: 'road', 3: None})
    named = segmenter.predict(image)
    assert np.array_equal(named, np.array([0, 1, 1, 255])[clusters])


def test_confidences_are_shares(run_dir, image):
    segmenter = Segmenter(run_dir, 'cpu', refine='pamr')
    (found,) = segmenter.predictions(input_images(image), confidence=True)
    pixels = segmenter.resize(cv2.imread(str(image)))
    with torch.inference_mode():
        scores = segmenter.model.decode_head.scores(segmenter.embed(pixels)[None])
        colors = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
        shares = segmenter.refinement(scores, colors)
        shares = torch.nn.functional.interpolate(
            shares, found.ids.shape, mode='bilinear'
        )[0]
    confidence, ids = (value.numpy() for value in shares.max(0))
    assert (ids == found.ids).mean() > 0.999
    assert np.abs(confidence - found.confidence).max() < 2e-3  # float16


def test_large_inputs_are_refined_in_tiles(run_dir, monkeypatch):
    segmenter = Segmenter(run_dir, 'cpu', refine='guided')
    segmenter.resize = lambda image: image
    pixels = np.random.default_rng(0).integers(0, 255, (1100, 70, 3)).astype('u1')
    seen = []
    monkeypatch.setattr(
        GuidedFilter,
        '__call__',
        lambda self, scores, images: seen.append(images.shape) or scores,
    )
    segmenter.predict(pixels)
    assert seen == [(1, 3, 1100, 70)]
    seen.clear()
    monkeypatch.setattr(predictor, 'REFINED_VALUES', CLUSTERS * 1024 * 70)
    assert segmenter.predict(pixels).shape == (1100, 70)
    assert seen == [(1, 3, 1024, 70)] * 2


def test_metric_of_a_test_sees_refined_masks_and_names_them(
    run_dir, camvid_root, tmp_path
):
    cfg = config_of(
        camvid_root, tmp_path / 'test', model=dict(test_cfg=dict(refine=GUIDED))
    )
    cfg.load_from = str(run_dir / 'epoch_1.pth')
    runner = Runner.from_cfg(cfg)
    runner.test()
    (table,) = (tmp_path / 'test').rglob('matching.json')
    table = json.loads(table.read_text())
    words = 'guided(temperature=0.1, radius=2, epsilon=0.001, guide=color)'
    assert table['protocol'].endswith(f'masks refined by {words}')
    segmenter = Segmenter(run_dir, 'cpu', predict_as='clusters', refine=GUIDED)
    counts = np.zeros_like(table['confusion'])
    for path in sorted((camvid_root / 'ann').glob('val_*.png')):
        mask = segmenter.predict(camvid_root / 'img' / f'{path.stem}.jpg')
        np.add.at(counts, (cv2.imread(str(path), -1), mask), 1)
    assert np.abs(counts - table['confusion']).sum() < 0.002 * counts.sum()
    (manifest,) = (tmp_path / 'test').rglob('manifest.json')
    assert json.loads(manifest.read_text())['refinement'] == words


def test_a_config_with_a_refinement_predicts_by_it(run_dir, image, tmp_path):
    loaded = load(run_dir / 'epoch_1.pth')
    text = loaded['meta']['cfg']
    assert "mode='whole'" in text
    loaded['meta']['cfg'] = text.replace("mode='whole'", "mode='whole', refine='pamr'")
    torch.save(loaded, tmp_path / 'refined.pth')
    segmenter = Segmenter(tmp_path / 'refined.pth', 'cpu')
    expected = Segmenter(run_dir, 'cpu').predict(image, refine='pamr')
    assert np.array_equal(segmenter.predict(image), expected)


def test_unknown_refinement_of_a_config_names_the_option(run_dir):
    model, cfg = build_segmentor(run_dir / 'epoch_1.pth')
    cfg.model.test_cfg.refine = dict(type='sharp')
    with pytest.raises(InputError, match='model.test_cfg.refine must be one of'):
        type(model)(**{k: v for k, v in cfg.model.items() if k != 'type'})


def test_commands_refine_and_say_so(run_dir, camvid_root, tmp_path, capsys):
    lines = []
    images = camvid_root / 'img'
    predict(run_dir, images, tmp_path / 'out', lines.append, refine='guided')
    words = str(GuidedFilter())
    assert f'masks are refined by {words}' in lines
    record = json.loads((tmp_path / 'out' / 'predict.json').read_text())
    assert record['refine'] == words
    mask = np.array(Image.open(tmp_path / 'out' / 'masks' / 'val_00.png'))
    found = Segmenter(run_dir, 'cpu').predict(images / 'val_00.jpg', refine='guided')
    assert np.array_equal(mask, found)
    with pytest.raises(InputError, match='holds masks of another refinement'):
        predict(run_dir, images, tmp_path / 'out', lines.append)

    (tmp_path / 'classes.txt').write_text('a\nb\nc\nd')
    args = run_dir, images, camvid_root / 'ann', lambda line: None
    options = dict(table=tmp_path / 'classes.txt', device='cpu', refine='guided')
    capsys.readouterr()
    evaluate(*args, as_json=True, **options)
    assert json.loads(capsys.readouterr().out)['refine'] == words
    evaluate(*args, **options)
    assert f'masks of clusters are refined by {words}' in capsys.readouterr().out
