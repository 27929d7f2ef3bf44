# Any folder of images, nested or not, without annotations, with the paper's settings:
#   python tools/train.py configs/picie/picie_fpn_r18_folder.py --data-root DIR
# For some hundred images picie_fpn_r18_folder_recipe.py is better.
_base_ = [
    '../_base_/models/picie_fpn_r18.py',
    '../_base_/datasets/image_folder.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
# Whole images of any size pass one after the other.
default_hooks = dict(kmeans=dict(batch_size=64))
