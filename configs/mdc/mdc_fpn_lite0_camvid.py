# Modified DeepCluster on CamVid, small protocol.
_base_ = [
    '../_base_/models/mdc_fpn_lite0.py',
    '../_base_/datasets/camvid.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
default_hooks = dict(logger=dict(interval=4), kmeans=dict(batch_size=32))
