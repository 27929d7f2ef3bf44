# SmooSeg on the frozen levels of EfficientNet-Lite0 at strides 8 and 16.
_base_ = ['./smooseg.py', './lite0.py']
model = dict(
    data_preprocessor=_base_.lite0.data_preprocessor,
    backbone=dict(**_base_.lite0.backbone, out_indices=(1, 2)),
    # In an epoch of a few hundred images there are few steps for a slow teacher.
    decode_head=dict(momentum=0.98),
)
