# Any folder of images, nested or not, without annotations, by our recipe:
#   python tools/train.py configs/picie/picie_fpn_r18_folder_recipe.py --data-root DIR
_base_ = [
    '../_base_/models/picie_fpn_r18_recipe.py',
    '../_base_/datasets/image_folder.py',
    '../_base_/schedules/recipe_5r.py',
    '../_base_/default_runtime.py',
]
