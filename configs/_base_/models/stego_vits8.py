# STEGO on DINO's ViT-S/8.
_base_ = ['./stego.py', './dino_vits8.py']
model = dict(backbone=_base_.dino_vits8.backbone, test_cfg=dict(flip_average=True))
