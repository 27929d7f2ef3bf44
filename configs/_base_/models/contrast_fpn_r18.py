# Contrastive learning of pixels: nothing is clustered while it trains. PiCIE starts
# from its checkpoint by load_from, training with labels from that of
# tools/export_backbone.py by model.backbone.init_cfg (docs/mmseg.md).
_base_ = './picie_fpn_r18.py'
model = dict(
    type='PixelContrast',
    contrast=dict(type='PixelContrastLoss'),
    decode_head=dict(loss=None),
)
