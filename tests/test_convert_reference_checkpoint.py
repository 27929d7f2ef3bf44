"""The authors' checkpoints as ours: a made-up file in their layout."""

import argparse
import json
import os
import runpy
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from mmseg.structures import SegDataSample

from mmseg_picie.checkpoints.convert_reference import convert_reference_checkpoint
from mmseg_picie.checkpoints.run_checkpoints import check_loaded
from mmseg_picie.cli import test as command

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / 'configs/picie/picie_fpn_r18_coco27_reference.py'
CAMVID = ROOT / 'configs/picie/picie_fpn_r18_camvid_reference.py'
TOOL = ROOT / 'tools/convert_reference_checkpoint.py'
CHANNELS = {'layer1': 512, 'layer2': 256, 'layer3': 128, 'layer4': 64}


def released(num_clusters=27, size=128):
    """A checkpoint as the released code saves it, with random weights."""
    init_default_scope('mmseg')
    torch.manual_seed(0)
    backbone = MODELS.build(dict(type='ResNet', depth=18))  # torchvision's names
    state = {
        f'module.backbone.{name}': value.uniform_(0.5, 1)
        if name.endswith('running_var')
        else value
        for name, value in backbone.state_dict().items()
    }
    state['module.backbone.fc.weight'] = torch.randn(1000, 512)
    state['module.backbone.fc.bias'] = torch.randn(1000)
    for layer, channels in CHANNELS.items():
        conv = torch.nn.Conv2d(channels, size, 1)
        state[f'module.decoder.{layer}.weight'] = conv.weight.data
        state[f'module.decoder.{layer}.bias'] = conv.bias.data
    classifier = {
        'module.weight': F.normalize(torch.randn(num_clusters, size, 1, 1)) * 0.9,
        'module.bias': torch.zeros(num_clusters),
    }
    return dict(
        epoch=10,
        args=argparse.Namespace(arch='resnet18', lr=1e-4, save_root='x', repeats=5),
        state_dict=state,
        classifier1_state_dict=classifier,
        optimizer=dict(state={0: dict(step=3)}, param_groups=[dict(lr=1e-4)]),
    )


@pytest.fixture(scope='module')
def checkpoint():
    return released()


@pytest.fixture
def write(tmp_path, checkpoint):
    """Writes the checkpoint, with parts replaced (None: left out)."""

    def save(**parts):
        content = {k: v for k, v in {**checkpoint, **parts}.items() if v is not None}
        path = tmp_path / 'checkpoint.pth.tar'
        torch.save(content, path)
        return path

    return save


def without(state, *names):
    return {name: value for name, value in state.items() if name not in names}


def load_model(path):
    config = Config.fromfile(CONFIG).model
    config.backbone.init_cfg = None
    model = MODELS.build(config).eval()
    loaded = torch.load(path, weights_only=True)
    check_loaded(model, loaded)
    model.load_state_dict(loaded['state_dict'])
    return model, loaded


def test_converted_network_predicts_as_the_released_formula(
    write, checkpoint, tmp_path
):
    convert_reference_checkpoint(write(), tmp_path / 'out.pth')
    model, _ = load_model(tmp_path / 'out.pth')
    state = checkpoint['state_dict']
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        levels = model.backbone(images)[::-1]  # C5..C2
        features = None
        for number, level in enumerate(levels, 1):
            layer = f'module.decoder.layer{number}'
            level = F.conv2d(level, state[f'{layer}.weight'], state[f'{layer}.bias'])
            if features is not None:
                level = level + F.interpolate(
                    features, level.shape[2:], mode='bilinear', align_corners=False
                )
            features = level
        weight = checkpoint['classifier1_state_dict']['module.weight']
        scores = F.conv2d(F.normalize(features, dim=1), weight)
        scores = F.interpolate(scores, (64, 64), mode='bilinear', align_corners=False)
        meta = [dict(img_shape=(64, 64), ori_shape=(64, 64))] * 2
        samples = [SegDataSample(metainfo=m) for m in meta]
        logits = model.encode_decode(images, meta)
        masks = model.predict(images, samples)
    assert torch.allclose(logits, scores, atol=1e-5)
    for sample, expected in zip(masks, scores.argmax(1), strict=True):
        mask = sample.pred_sem_seg.data[0]
        assert (mask != expected).float().mean() < 1e-3  # ties by rounding


def test_converted_weights_are_those_of_the_file(write, checkpoint, tmp_path):
    out = tmp_path / 'out.pth'
    assert convert_reference_checkpoint(write(), out) == (27, 128, 10)
    _, loaded = load_model(out)
    ours, theirs = loaded['state_dict'], checkpoint['state_dict']
    for name, value in theirs.items():
        if name.startswith('module.backbone.') and '.fc.' not in name:
            assert torch.equal(ours[name.removeprefix('module.')], value)
    for level, layer in enumerate(reversed(CHANNELS)):  # ours: finest first
        for kind in ('weight', 'bias'):
            lateral = ours[f'neck.laterals.{level}.{kind}']
            assert torch.equal(lateral, theirs[f'module.decoder.{layer}.{kind}'])
    centroids = checkpoint['classifier1_state_dict']['module.weight'][..., 0, 0]
    assert torch.equal(ours['decode_head.eval_centroids'], centroids)
    assert torch.equal(ours['decode_head.centroids'][0], centroids)
    assert ours['decode_head.centroids_round'] == 10
    assert loaded['meta']['dataset_meta']['classes'][26] == 'cluster_26'


def test_file_of_the_older_format_is_read(checkpoint, tmp_path):
    old = tmp_path / 'old.pth.tar'
    torch.save(checkpoint, old, _use_new_zipfile_serialization=False)
    assert convert_reference_checkpoint(old, tmp_path / 'out.pth')[0] == 27


def test_converted_checkpoint_is_tested_by_the_tool(camvid_root, tmp_path):
    source, out = tmp_path / 'theirs.pth.tar', tmp_path / 'out.pth'
    torch.save(released(num_clusters=11), source)
    convert_reference_checkpoint(source, out)
    options = (
        f'--data-root {camvid_root} --work-dir {tmp_path / "work"} --cfg-options '
        'test_dataloader.dataset.ann_file=splits/val.txt test_dataloader.num_workers=0'
    )
    assert command.main([str(CAMVID), str(out), *options.split()]) == 0
    (path,) = (tmp_path / 'work').rglob('matching.json')
    matching = json.loads(path.read_text())
    assert 'after 10 round(s)' in matching['centroids']


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize('place', ['args', 'inside'])
def test_pickle_with_other_objects_is_refused_and_not_run(write, tmp_path, place):
    trap = Trap(tmp_path / 'sprung')
    args = trap if place == 'args' else argparse.Namespace(lr=1e-4, extra=trap)
    with pytest.raises(ValueError, match='and is refused'):
        convert_reference_checkpoint(write(args=args), tmp_path / 'out.pth')
    assert not (tmp_path / 'sprung').exists() and not (tmp_path / 'out.pth').exists()


def test_namespace_is_let_through_for_this_file_alone(write, tmp_path):
    path = write()
    convert_reference_checkpoint(path, tmp_path / 'out.pth')
    with pytest.raises(Exception, match='argparse.Namespace'):
        torch.load(path, weights_only=True)


@pytest.mark.parametrize('part', ['epoch', 'state_dict', 'classifier1_state_dict'])
def test_missing_part_is_named(write, tmp_path, part):
    with pytest.raises(ValueError, match=f'has no {part}'):
        convert_reference_checkpoint(write(**{part: None}), tmp_path / 'out.pth')


@pytest.mark.parametrize(
    'change, words',
    [
        (dict(drop='module.backbone.bn1.bias'), 'lacks module.backbone.bn1.bias'),
        (dict(drop='module.decoder.layer3.bias'), 'lacks module.decoder.layer3.bias'),
        (dict(drop='module.decoder.layer1.bias'), 'lacks module.decoder.layer1.bias'),
        (
            dict(add={'module.backbone.layer1.0.conv3.weight': torch.zeros(1)}),
            'has, unexpectedly, module.backbone.layer1.0.conv3.weight',
        ),
        (
            dict(add={'module.decoder.layer2.weight': torch.zeros(128, 64, 1, 1)}),
            'in another shape module.decoder.layer2.weight',
        ),
    ],
)
def test_other_network_is_refused(write, checkpoint, tmp_path, change, words):
    state = without(checkpoint['state_dict'], change.get('drop'))
    state |= change.get('add', {})
    with pytest.raises(ValueError, match=words):
        convert_reference_checkpoint(write(state_dict=state), tmp_path / 'out.pth')


@pytest.mark.parametrize(
    'classifier, words',
    [
        ({'module.bias': torch.zeros(27)}, 'has no module.weight'),
        ({'module.weight': torch.zeros(27, 64, 1, 1)}, r'expected \(K, 128, 1, 1\)'),
        (
            {
                'module.weight': torch.zeros(27, 128, 1, 1),
                'module.bias': torch.ones(27),
            },
            'module.bias is not zero',
        ),
    ],
)
def test_classifier_that_is_no_centroids_is_refused(write, tmp_path, classifier, words):
    path = write(classifier1_state_dict=classifier)
    with pytest.raises(ValueError, match=words):
        convert_reference_checkpoint(path, tmp_path / 'out.pth')


def run_tool(monkeypatch, *argv):
    monkeypatch.setattr(sys, 'argv', [str(TOOL), *map(str, argv)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(TOOL), run_name='__main__')
    return ended.value.code


def test_tool_says_what_it_wrote(write, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'new' / 'out.pth'
    assert run_tool(monkeypatch, write(), out) == 0
    assert '10 epoch(s), 27 centroids of 128 dimensions' in capsys.readouterr().out
    assert out.is_file()


def test_tool_refuses_in_one_line(tmp_path, monkeypatch, capsys):
    assert run_tool(monkeypatch, tmp_path / 'no.tar', tmp_path / 'out.pth') == 2
    err = capsys.readouterr().err
    assert err.startswith('error: checkpoint') and 'does not exist' in err
    assert len(err.splitlines()) == 1


def test_out_must_be_another_file(write):
    path = write()
    with pytest.raises(ValueError, match='another file than the checkpoint'):
        convert_reference_checkpoint(path, path)
