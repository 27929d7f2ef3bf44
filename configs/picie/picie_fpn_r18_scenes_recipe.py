# The demo: our recipe from scratch on generated landscapes, minutes on two CPU cores.
_base_ = [
    '../_base_/models/picie_fpn_r18_recipe.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/scenes_4r.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(init_cfg=None, norm_eval=False),
    decode_head=dict(num_clusters=_base_.num_classes),
)
