"""An exported network is mmseg's own and predicts what it did."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import networks
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.registry import MODELS, TRANSFORMS

from mmseg_picie.checkpoints import build_segmentor, export_mmseg, plain_ids
from mmseg_picie.checkpoints.export_mmseg import NEVER
from mmseg_picie.errors import InputError
from mmseg_picie.models import UNMATCHED, BaseClusteringHead, ClusteringHead

SHARE = 1e-5  # of the pixels may differ: ties within rounding
ONE_TO_ONE = [2, 0, -1, 1, -1, -1]  # class of each cluster
PLAIN = dict(
    sum={},
    residual=dict(neck='residual'),
    pca=dict(neck='pca'),
    mobilenet=dict(backbone='mobilenet'),
    swin=dict(backbone='swin'),
    vit=dict(backbone='vit', neck='residual'),
    cosine=dict(head=dict(predict_rule='cosine')),
    dot=dict(head=dict(predict_rule='dot')),
    classifier=dict(
        head=dict(type='ClassifierHead', predict_by='classifier'), type='MDC'
    ),
    named=dict(named=ONE_TO_ONE),
    merged=dict(named=networks.NAMED),
)


def masks_of(out, images):
    """Masks of RGB images by mmseg's segmentor, as its test does."""
    config = Config.fromfile(out / 'config.py')
    model = MODELS.build(config.model).eval()
    model.load_state_dict(torch.load(out / 'model.pth')['state_dict'])
    data = model.data_preprocessor(dict(inputs=list(images.flip(1))))
    with torch.no_grad():
        samples = model.predict(data['inputs'])
    return torch.cat([sample.pred_sem_seg.data for sample in samples])


def class_of(out):
    """What this package predicts in place of each id."""
    table = json.loads((out / 'ids.json').read_text())['ids']
    assert [row['id'] for row in table] == list(range(len(table)))
    return torch.tensor([row['class_id'] for row in table])


@pytest.mark.parametrize('name', PLAIN)
def test_masks_equal_the_networks(name, tmp_path):
    network = networks.write(tmp_path / 'a.pth', **PLAIN[name])
    ids = export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')
    for seed, size in enumerate(((2, 64, 96), (1, 97, 65), (1, 131, 220))):
        images = networks.drawn(*size, seed)
        expected = networks.predicted(network, images)
        assert len(expected.unique()) > 2
        masks = masks_of(tmp_path / 'out', images)
        assert masks.max() < len(ids.names)
        differing = class_of(tmp_path / 'out')[masks] != expected
        assert differing.float().mean() <= SHARE


def test_config_names_classes_of_mmseg_alone(tmp_path):
    networks.write(tmp_path / 'a.pth', 'residual')
    export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')
    text = (tmp_path / 'out' / 'config.py').read_text()
    assert text.count('mmseg_picie') == 1  # the comment that says where it is from
    for name in ('PiCIE', 'LateralSumFPN', 'ClusteringHead', 'ViewsData'):
        assert name not in text


def test_ids_are_classes_where_each_has_one_cluster(tmp_path):
    networks.write(tmp_path / 'a.pth', named=ONE_TO_ONE)
    ids = plain_ids(build_segmentor(tmp_path / 'a.pth')[0])
    assert ids.holds == 'classes'
    assert ids.clusters == (1, 3, 0, 2, 4, 5)
    assert ids.names == (*networks.META['classes'], *['ignored'] * 3)
    assert ids.classes == (0, 1, 2, *[UNMATCHED] * 3)
    assert list(ids.palette[:3]) == networks.META['palette']


def test_class_without_a_cluster_is_never_predicted(tmp_path):
    networks.write(tmp_path / 'a.pth', named=[2, 0, -1, -1, -1, -1])
    ids = export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')
    assert ids.clusters[:3] == (1, None, 0)
    state = torch.load(tmp_path / 'out' / 'model.pth')['state_dict']
    assert state['decode_head.conv_seg.bias'][1] == NEVER
    assert not state['decode_head.conv_seg.weight'][1].any()


def test_ids_are_clusters_where_some_share_a_class(tmp_path):
    networks.write(tmp_path / 'a.pth', named=networks.NAMED)
    ids = export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')
    assert ids.holds == 'clusters of classes'
    assert ids.clusters == tuple(range(networks.CLUSTERS))
    assert ids.names == ('tree', 'sky', 'ignored', 'road', 'sky', 'tree')
    assert ids.classes == (2, 0, UNMATCHED, 1, 0, 2)
    config = Config.fromfile(tmp_path / 'out' / 'config.py')
    assert config.test_evaluator.format_only  # such masks are not scored with labels
    assert 'ids are clusters' in (tmp_path / 'out' / 'config.py').read_text()


@pytest.mark.parametrize(
    'options, words',
    [
        (dict(neck='context'), r'LateralSumFPN\(context=0.3\) has no equal'),
        (dict(neck='pca_coarse'), r'MultiLevelPCA\(grid_level=1\) has no equal'),
        (dict(head=dict(normalize=False)), 'normalize=False was not written'),
    ],
)
def test_what_mmseg_cannot_compute_is_refused_with_the_remedy(options, words, tmp_path):
    networks.write(tmp_path / 'a.pth', **options)
    with pytest.raises(InputError, match=f'{words}.*--to onnx'):
        export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


def test_head_that_is_no_convolution_is_refused(tmp_path, monkeypatch):
    networks.write(tmp_path / 'a.pth')
    monkeypatch.setattr(ClusteringHead, 'score_layer', BaseClusteringHead.score_layer)
    with pytest.raises(InputError, match='scores of ClusteringHead .*--to onnx'):
        export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')


def test_other_backbone_is_refused(tmp_path):
    head = dict(in_channels=3)
    networks.write(tmp_path / 'a.pth', None, backbone='colors', head=head)
    with pytest.raises(InputError, match='PixelColors is no backbone of mmseg'):
        export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')


def test_network_without_a_neck_is_refused(tmp_path):
    networks.write(tmp_path / 'a.pth', None, head=dict(in_channels=512))
    with pytest.raises(InputError, match='without a neck has no equal.*--to onnx'):
        export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')


# Stands before mmseg's own tools: this package cannot be imported. Where mmcv is
# mmcv-lite, mmseg asks for compiled operations that are never called here.
TOOLS = """
import importlib.util, sys, types
sys.modules['mmseg_picie'] = None
if importlib.util.find_spec('mmcv._ext') is None:
    ops = types.ModuleType('mmcv.ops')
    ops.point_sample = ops.sigmoid_focal_loss = None
    def missing(name):
        raise (AttributeError if name[:2] == '__' else ModuleNotFoundError)(name)
    ops.__getattr__ = missing
    sys.modules['mmcv.ops'] = ops
import glob
from mmengine.config import Config
from mmengine.runner import Runner
from mmseg.apis import MMSegInferencer
for out in sys.argv[1:]:
    cfg = Config.fromfile(out + '/config.py')
    cfg.load_from = out + '/model.pth'
    cfg.work_dir = out + '/work'
    cfg.test_dataloader.dataset.update(data_root='data', img_suffix='.png')
    cfg.test_evaluator.output_dir = out + '/masks'
    cfg.log_level = 'ERROR'
    figures = Runner.from_cfg(cfg).test()
    print('mIoU', figures.get('mIoU'))
    inferencer = MMSegInferencer(out + '/config.py', out + '/model.pth', device='cpu')
    inferencer(sorted(glob.glob('data/img/*.png')), out_dir=out + '/inferred')
assert not [name for name in sys.modules if name.startswith('mmseg_picie.')]
"""


def write_images(folder, images):
    folder.mkdir(parents=True, exist_ok=True)
    for index, image in enumerate(images):
        bgr = image.permute(1, 2, 0).numpy()[..., ::-1]
        cv2.imwrite(str(folder / f'image_{index}.png'), bgr)


def run_tools(folder, outs):
    done = subprocess.run(
        [sys.executable, '-I', '-c', TOOLS, *outs],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith('mIoU')]
    return [line.split()[1] for line in lines]


def test_mmsegs_own_tools_run_it_where_this_package_is_not(tmp_path):
    named = networks.write(tmp_path / 'a.pth', 'residual', named=ONE_TO_ONE)
    export_mmseg(tmp_path / 'a.pth', tmp_path / 'named')
    merged = networks.write(tmp_path / 'b.pth', named=networks.NAMED)
    export_mmseg(tmp_path / 'b.pth', tmp_path / 'merged')
    images = networks.drawn(3, 90, 140)
    write_images(tmp_path / 'data' / 'img', images)
    (tmp_path / 'data' / 'ann').mkdir()
    truth = networks.predicted(named, images)
    for index, mask in enumerate(truth.numpy()):
        path = tmp_path / 'data' / 'ann' / f'image_{index}.png'
        cv2.imwrite(str(path), mask.astype('uint8'))
    # Scored with this network's own masks as labels; classes that are ignored have
    # none, which mmseg counts as nan and leaves out.
    assert run_tools(tmp_path, ['named', 'merged']) == ['100.0', 'None']
    for name, network in (('named', named), ('merged', merged)):
        expected = networks.predicted(network, images)
        table = class_of(tmp_path / name)
        for index, mask in enumerate(expected):
            for file in (
                tmp_path / name / 'masks' / f'image_{index}.png',
                tmp_path / name / 'inferred' / 'pred' / f'{index:08d}_pred.png',
            ):
                written = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
                ids = torch.from_numpy(written).long()
                assert (table[ids] != mask).float().mean() <= SHARE


def test_masks_of_real_images_equal_the_networks(tmp_path, real_images):
    network = networks.write(tmp_path / 'a.pth', named=networks.NAMED)
    export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')
    differing = total = 0
    for path in real_images:
        image = torch.from_numpy(cv2.imread(str(path))[..., ::-1].copy())
        images = image.permute(2, 0, 1)[None]
        masks = class_of(tmp_path / 'out')[masks_of(tmp_path / 'out', images)]
        differing += int((masks != networks.predicted(network, images)).sum())
        total += masks.numel()
    assert differing <= SHARE * total


def test_short_side_of_tests_is_that_of_mmsegs_resize(trained, tmp_path):
    loaded = torch.load(trained / 'epoch_1.pth', weights_only=False)
    loaded['meta']['cfg'] = loaded['meta']['cfg'].replace(
        "dict(type='RemapLabels')", "dict(type='ResizeShortSide', size=24)"
    )
    torch.save(loaded, tmp_path / 'a.pth')
    export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')
    _, theirs, _ = Config.fromfile(
        tmp_path / 'out' / 'config.py'
    ).test_dataloader.dataset.pipeline
    ours = dict(type='ResizeShortSide', size=24)
    image = networks.drawn(1, 57, 83)[0].permute(1, 2, 0).numpy()
    resized = [
        TRANSFORMS.build(step)(dict(img=image, img_shape=image.shape[:2]))['img']
        for step in (ours, dict(theirs))
    ]
    assert np.array_equal(*resized)


def test_folder_is_whole_or_not_there(tmp_path):
    networks.write(tmp_path / 'a.pth')
    export_mmseg(tmp_path / 'a.pth', tmp_path / 'deep' / 'out')
    names = sorted(path.name for path in Path(tmp_path / 'deep' / 'out').iterdir())
    assert names == ['config.py', 'ids.json', 'model.pth']
