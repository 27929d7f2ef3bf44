# STEGO on generated scenes, on EfficientNet-Lite0, small protocol.
_base_ = [
    '../_base_/models/stego_lite0.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/stego_10r.py',
    '../_base_/default_runtime.py',
]
load, views, pack = _base_.train_pipeline
train_pipeline = [load, dict(views, **_base_.as_they_are), pack]
images = dict(_base_.train_dataloader.dataset, pipeline=train_pipeline)
train_dataloader = dict(
    batch_size=16,
    dataset=dict(_delete_=True, type='NeighborDataset', dataset=images),
)
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
