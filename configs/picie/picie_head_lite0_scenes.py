# PiCIE on frozen features, the demo's scenes: the recipe's neck learns, the backbone,
# pretrained on photographs, does not.
_base_ = [
    '../_base_/models/picie_fpn_lite0_recipe.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/recipe_5r.py',
    '../_base_/default_runtime.py',
]
head = dict(num_clusters=_base_.num_classes)
model = dict(frozen_backbone=True, decode_head=head)
