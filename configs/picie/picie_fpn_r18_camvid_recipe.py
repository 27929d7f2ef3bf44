# CamVid by our recipe for some hundred images, small protocol.
_base_ = [
    '../_base_/models/picie_fpn_r18_recipe.py',
    '../_base_/datasets/camvid.py',
    '../_base_/schedules/recipe_5r.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
default_hooks = dict(logger=dict(interval=4))  # 12 steps a round
