# Scenes with pasted regions, a start for others, Cityscapes-27.
_base_ = [
    '../_base_/models/cutmix_fpn_r18.py',
    '../_base_/datasets/cityscapes27.py',
    '../_base_/schedules/cluster_after.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
images = dict(_base_.train_dataloader.dataset)
scenes = dict(_delete_=True, type='CutMixDataset', dataset=images)
train_dataloader = dict(dataset=scenes)
