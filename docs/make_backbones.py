"""Writes the table of docs/backbones.md: backbones that were run, and their maps.

    python docs/make_backbones.py

A row is made by running the backbone in PiCIE, with the neck's channels taken from it.
"""

import warnings
from pathlib import Path

import torch
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from torch import nn

import mmseg_picie

PAGE = Path(__file__).resolve().parent / 'backbones.md'
BEGIN, END = (
    '<!-- table: written by docs/make_backbones.py -->',
    '<!-- end of table -->',
)
HEAD = '| backbone | million weights | channels of its maps | strides |'
SIDE = 128  # px of the image
TWINS = (
    'patch_sizes=[4, 2, 2, 2], strides=[4, 2, 2, 2], out_indices=(0, 1, 2, 3), '
    'qkv_bias=True, sr_ratios=[8, 4, 2, 1]'
)
BACKBONES = (
    *(f"type='EfficientNetLite', arch='lite{size}'" for size in range(5)),
    *(f"type='ResNet', depth={depth}" for depth in (18, 34, 50)),
    "type='ResNetV1c', depth=50",
    "type='ResNeXt', depth=50",
    "type='ResNeSt', depth=50",
    "type='MobileNetV2', out_indices=(1, 2, 4, 6)",
    "type='MobileNetV3', arch='large', out_indices=(2, 5, 11, 16)",
    "type='STDCNet', stdc_type='STDCNet1', in_channels=3, "
    "channels=(32, 64, 256, 512, 1024), bottleneck_type='cat', num_convs=4, "
    "norm_cfg=dict(type='BN'), act_cfg=dict(type='ReLU')",
    "type='CGNet'",
    "type='MixVisionTransformer', embed_dims=32, num_heads=[1, 2, 5, 8]",
    "type='SwinTransformer', embed_dims=96",
    "type='MSCAN', embed_dims=[32, 64, 160, 256], depths=[3, 3, 5, 2], "
    "norm_cfg=dict(type='BN')",
    f"type='PCPVT', embed_dims=[64, 128, 320, 512], num_heads=[1, 2, 5, 8], "
    f'mlp_ratios=[8, 8, 4, 4], depths=[3, 4, 6, 3], {TWINS}',
    f"type='SVT', embed_dims=[64, 128, 256, 512], num_heads=[2, 4, 8, 16], "
    f'mlp_ratios=[4, 4, 4, 4], depths=[2, 2, 10, 4], windiow_sizes=[7, 7, 7, 7], '
    f'{TWINS}',
    "type='VisionTransformer', embed_dims=384, num_heads=6, out_indices=(3, 7, 11)",
    *(
        f"type='{name}', img_size={SIDE}, embed_dims=384, num_heads=6, "
        'out_indices=(3, 7, 11)'
        for name in ('BEiT', 'MAE')
    ),
    *(
        f"type='TransformersBackbone', model=dict(model_type='{kind}', "
        f'hidden_size=192, num_hidden_layers=4, num_attention_heads=3, '
        f'patch_size={patch}), out_indices=(1, 3), frozen=False'
        for kind, patch in (
            ('vit', 8),
            ('dinov2', 14),
            ('dinov2_with_registers', 14),
            ('dinov3_vit', 16),
        )
    ),
)


def build(text: str) -> nn.Module:
    """PiCIE with a backbone, given as the arguments of its config."""
    init_default_scope('mmseg')
    preprocessor = dict(type='ViewsDataPreProcessor', mean=[127.0] * 3, std=[128.0] * 3)
    head = dict(
        type='ClusteringHead',
        in_channels=16,
        num_clusters=5,
        loss=dict(type='ClusteringLoss'),
    )
    return MODELS.build(
        dict(
            type=mmseg_picie.models.PiCIE,
            data_preprocessor=preprocessor,
            backbone=eval(f'dict({text})'),
            neck=dict(type='LateralSumFPN', in_channels='auto', out_channels=16),
            decode_head=head,
            test_cfg=dict(mode='whole'),
        )
    )


def row(text: str, model: nn.Module) -> str:
    """The table's row of a backbone, from what it gives for an image."""
    model.eval()
    with torch.no_grad():
        maps = model.backbone(torch.zeros(1, 3, SIDE, SIDE))
    weights = sum(parameter.numel() for parameter in model.backbone.parameters())
    channels = ', '.join(str(level.shape[1]) for level in maps)
    # TransformersBackbone enlarges an image to whole patches.
    patch = model.backbone.patch_size if 'model_type' in text else None
    strides = ', '.join(str(patch or SIDE // level.shape[2]) for level in maps)
    return f'| `{text}` | {weights / 1e6:.1f} | {channels} | {strides} |'


def make_page() -> str:
    """The page as it stands, with its table made anew."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    table = [row(text, build(text)) for text in BACKBONES]
    lines = ['', HEAD, '| --- | --- | --- | --- |', *table, '']
    return before + '\n'.join([BEGIN, *lines, END]) + after


if __name__ == '__main__':
    warnings.simplefilter('ignore')
    PAGE.write_text(make_page())
