# Cityscapes-27 with the settings that were found on small data; not yet run.
_base_ = [
    '../_base_/models/picie_fpn_r18_recipe.py',
    '../_base_/datasets/cityscapes27.py',
    '../_base_/schedules/recipe_5r.py',
    '../_base_/default_runtime.py',
]
