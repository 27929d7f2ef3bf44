# STEGO on Cityscapes-27 with DINO's ViT-S/8, the authors' settings; flips are
# averaged in evaluation, without a CRF.
_base_ = [
    '../_base_/models/stego_vits8.py',
    '../_base_/datasets/cityscapes27_crops.py',
    '../_base_/schedules/stego_5r.py',
    '../_base_/default_runtime.py',
]
crops = _base_.train_dataloader.dataset
train_dataloader = dict(
    dataset=dict(_delete_=True, type='NeighborDataset', dataset=crops)
)
loss = dict(weights=dict(self=0.46, neighbor=0.18, random=0.72))
loss.update(shifts=dict(self=0.25, neighbor=0.2, random=0.25))
model = dict(pair_loss=loss)
