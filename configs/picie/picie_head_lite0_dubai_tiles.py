# PiCIE on frozen features, Dubai tiles: of the recipe's network the neck alone learns.
_base_ = './picie_fpn_lite0_dubai_tiles_recipe.py'
model = dict(frozen_backbone=True)
