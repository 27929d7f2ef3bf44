# PiCIE on frozen features, faces: of the recipe's network the neck alone learns.
_base_ = './picie_fpn_lite0_faces_recipe.py'
model = dict(frozen_backbone=True)
