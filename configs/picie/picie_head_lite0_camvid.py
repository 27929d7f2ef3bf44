# PiCIE on frozen features, CamVid: of the recipe's network the neck alone learns.
_base_ = './picie_fpn_lite0_camvid_recipe.py'
model = dict(frozen_backbone=True)
