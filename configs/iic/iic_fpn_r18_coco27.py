# IIC on COCO-Stuff-27 and PiCIE's network.
_base_ = [
    '../_base_/models/iic_fpn_r18.py',
    '../_base_/datasets/coco_stuff27.py',
    '../_base_/schedules/end_to_end.py',
    '../_base_/default_runtime.py',
]
