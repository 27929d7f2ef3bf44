# STEGO on the frozen levels of EfficientNet-Lite0 at strides 8 and 16.
_base_ = ['./stego.py', './lite0.py']
model = dict(
    data_preprocessor=_base_.lite0.data_preprocessor,
    backbone=dict(**_base_.lite0.backbone, out_indices=(1, 2)),
    # The authors' shifts are for the cosines of a ViT. These let about a fifth of the
    # pairs of like images and a twentieth of random ones be drawn together, on all
    # development sets alike; no label had a part in it.
    pair_loss=dict(shifts=dict(self=0.35, neighbor=0.3, random=0.5)),
)
