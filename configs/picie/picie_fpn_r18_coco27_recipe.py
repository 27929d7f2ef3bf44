# COCO-Stuff-27 with the settings that were found on small data; not yet run: nothing
# measured speaks for 50,000 images.
_base_ = [
    '../_base_/models/picie_fpn_r18_recipe.py',
    '../_base_/datasets/coco_stuff27.py',
    '../_base_/schedules/recipe_5r.py',
    '../_base_/default_runtime.py',
]
