# The recipe on EfficientNet-Lite0.
_base_ = ['./picie_fpn_r18_recipe.py', './lite0.py']
model = dict(
    data_preprocessor=_base_.lite0.data_preprocessor,
    backbone=dict(**_base_.lite0.backbone, norm_eval=True),
    neck=_base_.lite0.neck,
)
