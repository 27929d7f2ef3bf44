# STEGO on COCO-Stuff-27 with DINO's ViT-B/8, the authors' settings; flips are
# averaged in evaluation, without a CRF.
_base_ = [
    '../_base_/models/stego_vitb8.py',
    '../_base_/datasets/coco_stuff27_crops.py',
    '../_base_/schedules/stego_5r.py',
    '../_base_/default_runtime.py',
]
crops = _base_.train_dataloader.dataset
train_dataloader = dict(
    dataset=dict(_delete_=True, type='NeighborDataset', dataset=crops)
)
