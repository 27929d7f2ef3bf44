# No training: k-means on what the recipe begins with, COCO-Stuff-27.
_base_ = '../picie/picie_fpn_r18_coco27_recipe.py'
train_cfg = dict(type='ClusterOnlyLoop')
default_hooks = dict(checkpoint=dict(save_best=None), label_free=None)
