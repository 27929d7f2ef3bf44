# PiCIE on frozen features, blood cells: of the recipe's network the neck alone learns.
_base_ = './picie_fpn_lite0_blood_cells_recipe.py'
model = dict(frozen_backbone=True)
