# PiCIE on the frozen patch tokens of DINO's ViT-S/8, Cityscapes-27: of the recipe's
# network the neck alone learns. Not yet run.
_base_ = ['./picie_fpn_r18_cityscapes27_recipe.py', '../_base_/models/dino_vits8.py']
model = dict(**_base_.dino_vits8, frozen_backbone=True)
