# SmooSeg on Cityscapes-27 with DINO's ViT-S/8, the authors' settings (3,000 steps),
# without a CRF.
_base_ = [
    '../_base_/models/smooseg_vits8.py',
    '../_base_/datasets/cityscapes27_crops.py',
    '../_base_/schedules/smooseg_8r.py',
    '../_base_/default_runtime.py',
]
train_dataloader = dict(batch_size=32, batch_sampler=dict(max_steps=375))
model = dict(pair_loss=dict(shifts=dict(random=0.5)))
