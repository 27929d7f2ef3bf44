"""Small models of PiCIE, inputs and centroids for them."""

import copy

import torch
import torch.nn.functional as F
from mmengine.config import ConfigDict
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS

RESNET = dict(type='ResNet', depth=18, norm_cfg=dict(type='BN'))
MOBILENET = dict(type='MobileNetV2', out_indices=(1, 2, 4, 6), norm_cfg=dict(type='BN'))
MIT = dict(type='MixVisionTransformer', embed_dims=32, num_heads=[1, 2, 5, 8])
SWIN = dict(
    type='SwinTransformer', embed_dims=24, num_heads=(1, 2, 3, 6), depths=(1,) * 4
)
VIT = dict(
    type='VisionTransformer',
    img_size=64,
    embed_dims=48,
    num_layers=2,
    num_heads=3,
    out_indices=(0, 1),
)
LITE = dict(type='EfficientNetLite', arch='lite0')
BACKBONES = dict(
    resnet=(RESNET, [64, 128, 256, 512], 4),
    mobilenet=(MOBILENET, [24, 32, 96, 320], 4),
    mit=(MIT, [32, 64, 160, 256], 4),
    swin=(SWIN, [24, 48, 96, 192], 4),
    vit=(VIT, [48, 48], 16),
    lite=(LITE, [24, 40, 112, 320], 4),
)


def build(name='resnet', num_clusters=5, **model):
    init_default_scope('mmseg')
    torch.manual_seed(0)
    backbone, channels, _ = BACKBONES[name]
    config = dict(
        type='PiCIE',
        data_preprocessor=dict(
            type='ViewsDataPreProcessor', mean=[0, 50, 100], std=[1, 2, 4]
        ),
        backbone=backbone,
        neck=dict(type='LateralSumFPN', in_channels=channels, out_channels=16),
        decode_head=dict(
            type='ClusteringHead',
            in_channels=16,
            num_clusters=num_clusters,
            loss=dict(type='ClusteringLoss'),
        ),
        test_cfg=dict(mode='whole'),
    )
    config.update(model)
    return MODELS.build(ConfigDict(copy.deepcopy(config)))


def views(num=2, size=64):
    g = torch.Generator().manual_seed(1)
    return dict(
        view1=torch.randn(num, 3, size, size, generator=g),
        view2=torch.randn(num, 3, size, size, generator=g),
        box=torch.tensor([[0.1, 0.2, 0.7, 0.8], [0.0, 0.0, 0.5, 0.5]])[:num],
        flip=torch.tensor([True, False])[:num],
        turns=torch.tensor([3, 1])[:num],
    )


def give_centroids(model):
    g = torch.Generator().manual_seed(2)
    head = getattr(model, 'decode_head', model)
    size = (head.num_clusters, head.in_channels)
    centroids = [F.normalize(torch.randn(size, generator=g)) for _ in range(3)]
    counts = torch.ones(head.num_clusters)
    head.set_view_clusters(torch.stack(centroids[:2]), counts[None])
    head.set_eval_clusters(centroids[2], counts, num_rounds=3)
