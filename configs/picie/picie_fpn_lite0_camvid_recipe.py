# CamVid by our recipe on EfficientNet-Lite0, small protocol.
_base_ = [
    '../_base_/models/picie_fpn_lite0_recipe.py',
    '../_base_/datasets/camvid.py',
    '../_base_/schedules/recipe_5r.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
default_hooks = dict(logger=dict(interval=4))  # few steps a round
