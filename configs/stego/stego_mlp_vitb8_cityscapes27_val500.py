# STEGO on Cityscapes-27 with DINO's ViT-B/8, the authors' settings; flips are
# averaged in evaluation, without a CRF.
_base_ = [
    '../_base_/models/stego_vitb8.py',
    '../_base_/datasets/cityscapes27_crops.py',
    '../_base_/schedules/stego_5r.py',
    '../_base_/default_runtime.py',
]
crops = _base_.train_dataloader.dataset
train_dataloader = dict(
    dataset=dict(_delete_=True, type='NeighborDataset', dataset=crops)
)
loss = dict(weights=dict(self=1.0, neighbor=0.577, random=0.906))
loss.update(shifts=dict(self=0.458, neighbor=0.175, random=0.314))
model = dict(pair_loss=loss)
