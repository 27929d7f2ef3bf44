# SmooSeg on DINO's ViT-S/8.
_base_ = ['./smooseg.py', './dino_vits8.py']
model = dict(backbone=_base_.dino_vits8.backbone)
