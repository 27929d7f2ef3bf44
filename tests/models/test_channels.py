"""neck.in_channels='auto' and backbones of packages that are not installed."""

import pytest
import torch
from mmseg.registry import MODELS
from picie_model import BACKBONES, LITE, MOBILENET, RESNET, build, views

from mmseg_picie.errors import InputError
from mmseg_picie.models.backbones import check_backbone_package, installed
from mmseg_picie.models.necks.lateral_sum_fpn import LateralSumFPN
from mmseg_picie.models.necks.multi_level_pca import MultiLevelPCA


def auto_neck(**neck):
    return dict(type='LateralSumFPN', in_channels='auto', out_channels=16, **neck)


@pytest.mark.parametrize('name', BACKBONES)
def test_auto_is_the_list_of_the_channels(name):
    listed = build(name)
    state = torch.get_rng_state()
    auto = build(name, neck=auto_neck())
    assert torch.equal(torch.get_rng_state(), state)  # as many random numbers
    expected = listed.state_dict()
    assert list(auto.state_dict()) == list(expected)
    for key, value in auto.state_dict().items():
        assert torch.equal(value, expected[key]), key
    assert auto.backbone.training and auto.neck.training


@pytest.mark.parametrize('backbone', [RESNET, MOBILENET, LITE])
@pytest.mark.parametrize('indices', [(0, 1, 2), (1, 2)])
def test_auto_follows_the_levels_that_are_given(backbone, indices):
    backbone = dict(backbone, out_indices=indices)
    model = build(backbone=backbone, neck=auto_neck())
    maps = model.backbone(views()['view1'])
    assert model.neck.in_channels == [level.shape[1] for level in maps]
    assert model.embed(views()['view1']).shape[1] == 16


def test_auto_is_for_the_neck_of_a_baseline_too():
    neck = dict(type='MultiLevelPCA', in_channels='auto', out_channels=16, grid_level=1)
    assert build('lite', neck=neck).neck.in_channels == (24, 40, 112, 320)


def test_auto_is_for_the_necks_of_mmseg_too():
    neck = dict(type='FPN', in_channels='auto', out_channels=16, num_outs=4)
    assert build('mobilenet', neck=neck).neck.in_channels == [24, 32, 96, 320]


def test_auto_keeps_the_statistics_of_batch_norm():
    model = build(neck=auto_neck())
    assert not model.backbone.bn1.running_mean.any()
    assert model.backbone.bn1.num_batches_tracked == 0


def test_auto_needs_maps():
    vit = dict(BACKBONES['vit'][0], with_cls_token=True, output_cls_token=True)
    with pytest.raises(InputError, match='VisionTransformer gives something else'):
        build(backbone=vit, neck=auto_neck())


def test_auto_outside_a_segmentor_of_the_package_is_refused():
    head = dict(type='FCNHead', in_channels=16, channels=4, num_classes=3)
    config = dict(type='EncoderDecoder', backbone=RESNET, decode_head=head)
    with pytest.raises(InputError, match=r"neck\.in_channels='auto' is for segmentors"):
        MODELS.build(dict(config, neck=auto_neck()))


@pytest.mark.parametrize('neck', [LateralSumFPN, MultiLevelPCA])
@pytest.mark.parametrize('in_channels', ['all', 64, [64, 'auto'], [0, 64], None])
def test_channels_that_are_no_numbers_are_refused(neck, in_channels):
    with pytest.raises(InputError, match=r'neck\.in_channels must be a list'):
        neck(in_channels, out_channels=2)


@pytest.mark.parametrize(
    'name, package',
    [
        ('mmabsent.ConvNeXt', 'mmabsent'),
        ('mmabsent.models.ConvNeXt', 'mmabsent'),
        ('TIMMBackbone', 'timm_absent'),
        ('mmseg.TIMMBackbone', 'timm_absent'),
    ],
)
def test_a_missing_package_is_named_with_the_command(name, package, monkeypatch):
    monkeypatch.setitem(installed.WRAPPERS, 'TIMMBackbone', 'timm_absent')
    expected = rf'type={name} needs the package {package}.*: pip install {package}$'
    with pytest.raises(InputError, match=expected):
        build(backbone=dict(type=name))


@pytest.mark.parametrize('name', ['ResNet', 'mmseg.ResNet', LateralSumFPN])
def test_backbones_that_are_there_pass(name):
    check_backbone_package(dict(type=name))
