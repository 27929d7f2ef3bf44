# Scenes with pasted regions from scratch on the demo's generated landscapes.
_base_ = [
    '../_base_/models/cutmix_fpn_r18.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/cluster_after.py',
    '../_base_/default_runtime.py',
]
head = dict(num_clusters=_base_.num_classes)
model = dict(backbone=dict(init_cfg=None), decode_head=head)
images = dict(_base_.train_dataloader.dataset)
scenes = dict(_delete_=True, type='CutMixDataset', dataset=images)
train_dataloader = dict(dataset=scenes)
optim_wrapper = dict(optimizer=dict(lr=7e-4))  # as the recipe from scratch
