# COCO-Stuff-27 as STEGO trains on it: five crops of each image, 224 px, as they are.
_base_ = './coco_stuff27.py'
load, views, pack = _base_.train_pipeline
views.update(size=224, train_view1='plain', crop_ratio=(1.0, 1.0), flip_prob=0.0)
train_pipeline = [load, views, pack]
images = dict(_base_.train_dataloader.dataset, pipeline=train_pipeline)
train_dataloader = dict(
    batch_size=16,
    batch_sampler=dict(max_steps=1000),
    dataset=dict(_delete_=True, type='FiveCrops', ratio=0.5, dataset=images),
)
