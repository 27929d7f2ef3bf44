# STEGO on DINO's ViT-B/8, the authors' settings for COCO-Stuff-27.
_base_ = ['./stego.py', './dino_vitb8.py']
model = dict(
    backbone=_base_.dino_vitb8.backbone,
    neck=dict(out_channels=90),
    decode_head=dict(in_channels=90),
    pair_loss=dict(
        weights=dict(self=0.1, neighbor=1.0, random=0.154),
        shifts=dict(self=0.12, neighbor=0.2, random=1.0),
    ),
    test_cfg=dict(flip_average=True),
)
