# SmooSeg on COCO-Stuff-27 with DINO's ViT-S/8, the authors' settings, without a CRF.
_base_ = [
    '../_base_/models/smooseg_vits8.py',
    '../_base_/datasets/coco_stuff27_crops.py',
    '../_base_/schedules/smooseg_8r.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(batch_size=32)
