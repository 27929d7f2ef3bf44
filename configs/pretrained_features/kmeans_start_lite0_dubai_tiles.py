# No training: k-means on what the recipe begins with, aerial tiles of Dubai.
_base_ = '../picie/picie_fpn_lite0_dubai_tiles_recipe.py'
train_cfg = dict(type='ClusterOnlyLoop')
default_hooks = dict(checkpoint=dict(save_best=None), label_free=None)
