# mmseg's FPN with labels, from random weights. From others:
#   --cfg-options model.backbone.init_cfg.type=Pretrained \
#     model.backbone.init_cfg.checkpoint=FILE
# and model.backbone.init_cfg.prefix=backbone. for a file of tools/export_backbone.py.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/fpn_r18_supervised.py',
    '../_base_/datasets/camvid_labeled.py',
    '../_base_/schedules/supervised_short.py',
]
log_processor = dict(by_epoch=False)
