# Your own labeled images (the layout is in labeled_folder.py), from ImageNet weights:
#   python tools/train.py configs/supervised/fpn_lite0_folder.py --data-root DIR \
#     --cfg-options model.decode_head.num_classes=C
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/fpn_r18_supervised.py',
    '../_base_/models/lite0.py',
    '../_base_/datasets/labeled_folder.py',
    '../_base_/schedules/supervised_short.py',
]
model = dict(_base_.lite0, neck=dict(in_channels=[24, 40, 112, 320]))
log_processor = dict(by_epoch=False)
