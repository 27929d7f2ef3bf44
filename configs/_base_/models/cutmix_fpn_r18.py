# Learning from scenes into which regions of other images are pasted. PiCIE starts from
# its checkpoint by load_from, training with labels from that of
# tools/export_backbone.py by model.backbone.init_cfg (docs/mmseg.md).
_base_ = './picie_fpn_r18.py'
model = dict(
    type='CutMixScenes',
    region=dict(type='PastedRegionLoss'),
    decode_head=dict(loss=None),
)
