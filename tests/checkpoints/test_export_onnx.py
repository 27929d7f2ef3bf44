"""An ONNX file predicts what the network does, wherever and however it is run."""

import json
import subprocess
import sys

import cv2
import networks
import numpy as np
import pytest
import torch
from PIL import Image
from small_run import CLUSTERS

from mmseg_picie.checkpoints import export_onnx
from mmseg_picie.errors import InputError

onnxruntime = pytest.importorskip('onnxruntime')
pytest.importorskip('onnxscript')

SHARE = 1e-4  # of the pixels may differ
SIZES = ((1, 64, 96), (3, 65, 97), (1, 33, 130), (2, 201, 150))


@pytest.fixture(scope='module')
def named(tmp_path_factory):
    """A named network, its file and what the export said."""
    folder = tmp_path_factory.mktemp('named')
    network = networks.write(folder / 'a.pth', named=networks.NAMED)
    out = folder / 'out' / 'a.onnx'
    return network, out, export_onnx(folder / 'a.pth', out)


def run(out, images):
    session = onnxruntime.InferenceSession(out)
    (ids,) = session.run(None, {'images': images.numpy()})
    return torch.from_numpy(ids)


def assert_equal_masks(out, network, sizes=SIZES):
    for seed, (count, height, width) in enumerate(sizes):
        images = networks.drawn(count, height, width, seed)
        expected = networks.predicted(network, images)
        assert len(expected.unique()) > 2  # not one cluster for all
        assert (run(out, images) != expected).float().mean() <= SHARE


@pytest.mark.slow
@pytest.mark.parametrize('neck', networks.NECKS)
def test_masks_equal_the_networks(neck, tmp_path):
    network = networks.write(tmp_path / 'a.pth', neck)
    export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')
    assert_equal_masks(tmp_path / 'a.onnx', network)


@pytest.mark.slow
@pytest.mark.parametrize(
    'options',
    [
        dict(backbone='mobilenet'),
        dict(backbone='vit'),
        dict(head=dict(predict_rule='cosine')),
        dict(head=dict(normalize=False)),
        dict(head=dict(type='ClassifierHead', predict_by='classifier'), type='MDC'),
    ],
)
def test_other_backbones_and_heads_too(options, tmp_path):
    network = networks.write(tmp_path / 'a.pth', **options)
    export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')
    assert_equal_masks(tmp_path / 'a.onnx', network, SIZES[1:3])


def test_network_of_bgr_takes_rgb_images_all_the_same(tmp_path):
    preprocessor = dict(
        type='ViewsDataPreProcessor',
        mean=networks.MEAN,
        std=networks.STD,
        bgr_to_rgb=False,
    )
    network = networks.write(tmp_path / 'a.pth', data_preprocessor=preprocessor)
    export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')
    assert_equal_masks(tmp_path / 'a.onnx', network, SIZES[1:2])


def test_named_network_gives_classes_and_255(named):
    network, out, about = named
    assert_equal_masks(out, network)
    ids = run(out, networks.drawn(3, 96, 96))
    assert set(ids.unique().tolist()) == {0, 1, 2, 255}
    assert about['predicts'] == 'classes'
    assert about['ignore_id'] == '255'


def test_metadata_says_what_ids_mean(named):
    _, out, about = named
    session = onnxruntime.InferenceSession(out)
    stored = session.get_modelmeta().custom_metadata_map
    assert stored == about
    assert tuple(json.loads(stored['names'])) == networks.META['classes']
    assert json.loads(stored['colors']) == networks.META['palette']
    assert json.loads(stored['normalization'])['mean'] == networks.MEAN
    (images,), (ids,) = session.get_inputs(), session.get_outputs()
    assert (images.name, images.type) == ('images', 'tensor(uint8)')
    assert ids.name == 'ids'


def test_clusters_have_names_of_clusters_and_the_size_of_tests_is_kept(
    trained, tmp_path
):
    loaded = torch.load(trained / 'epoch_1.pth', weights_only=False)
    loaded['meta']['cfg'] = loaded['meta']['cfg'].replace(
        "dict(type='RemapLabels')", "dict(type='ResizeShortSide', size=96)"
    )
    torch.save(loaded, tmp_path / 'a.pth')
    about = export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')
    assert about['short_side'] == '96'
    names = [f'cluster_{index}' for index in range(CLUSTERS)]
    assert json.loads(about['names']) == names
    assert about['predicts'] == 'clusters'
    assert 'ignore_id' not in about


# Stands before the script: what it may not need.
BLOCK = """
import runpy, sys
for name in ('torch', 'mmseg_picie', 'mmseg', 'mmengine', 'mmcv', 'cv2', 'onnx'):
    sys.modules[name] = None
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name='__main__')
"""


def test_script_beside_the_file_needs_onnxruntime_alone(named, tmp_path):
    network, out, about = named
    assert 'short_side' not in about  # else the mask comes from a resized image
    image = networks.drawn(1, 90, 70)
    Image.fromarray(image[0].permute(1, 2, 0).numpy()).save(tmp_path / 'image.png')
    script = [out.with_name('run_onnx.py'), out, 'image.png', 'mask.png']
    done = subprocess.run(
        [sys.executable, '-I', '-c', BLOCK, *script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    mask = Image.open(tmp_path / 'mask.png')
    ids = np.array(mask)
    (expected,) = networks.predicted(network, image).numpy()
    assert mask.mode == 'P'
    assert (ids != expected).mean() <= SHARE
    colors = np.array(mask.convert('RGB'))
    for index, color in enumerate(networks.META['palette']):
        assert (colors[ids == index] == color).all()


@pytest.mark.parametrize('package', ['onnx', 'onnxruntime', 'onnxscript'])
def test_missing_package_is_named_with_the_remedy(package, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=f'needs {package}.*pip install onnx'):
        export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')


def test_network_that_cannot_predict_is_refused(tmp_path):
    networks.write(tmp_path / 'a.pth')
    loaded = torch.load(tmp_path / 'a.pth')
    loaded['state_dict']['decode_head.centroids_round'].fill_(-1)
    torch.save(loaded, tmp_path / 'a.pth')
    with pytest.raises(InputError, match='never fitted'):
        export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')
    assert not (tmp_path / 'a.onnx').exists()


def test_classes_without_a_matching_are_refused(tmp_path):
    networks.write(tmp_path / 'a.pth', named=[-1] * networks.CLUSTERS)
    with pytest.raises(InputError, match='needs a matching'):
        export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')


def test_classes_without_names_are_refused(tmp_path):
    networks.write(tmp_path / 'a.pth', named=networks.NAMED)
    loaded = torch.load(tmp_path / 'a.pth')
    del loaded['meta']['dataset_meta']
    torch.save(loaded, tmp_path / 'a.pth')
    with pytest.raises(InputError, match='no names for them'):
        export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')


def test_swin_is_refused_with_the_remedy(tmp_path):
    networks.write(tmp_path / 'a.pth', backbone='swin')
    with pytest.raises(InputError, match='SwinTransformer .*--to mmseg'):
        export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')


def test_other_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r'must end in \.onnx'):
        export_onnx(tmp_path / 'a.pth', tmp_path / 'a.bin')


def test_masks_of_real_images_equal_the_networks(named, real_images):
    network, out, _ = named
    for path in real_images:
        image = torch.from_numpy(cv2.imread(str(path))[..., ::-1].copy())
        images = image.permute(2, 0, 1)[None]
        expected = networks.predicted(network, images)
        assert len(expected.unique()) > 1
        assert (run(out, images) != expected).float().mean() <= SHARE
