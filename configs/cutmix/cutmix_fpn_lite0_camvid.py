# Scenes with pasted regions, a start for others, CamVid.
_base_ = [
    '../_base_/models/cutmix_fpn_lite0.py',
    '../_base_/datasets/camvid.py',
    '../_base_/schedules/cluster_after.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
images = dict(_base_.train_dataloader.dataset)
scenes = dict(_delete_=True, type='CutMixDataset', dataset=images)
train_dataloader = dict(dataset=scenes)
default_hooks = dict(logger=dict(interval=4))  # few steps a round
