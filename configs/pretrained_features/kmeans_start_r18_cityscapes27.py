# No training: k-means on what the recipe begins with, Cityscapes-27.
_base_ = '../picie/picie_fpn_r18_cityscapes27_recipe.py'
train_cfg = dict(type='ClusterOnlyLoop')
default_hooks = dict(checkpoint=dict(save_best=None), label_free=None)
