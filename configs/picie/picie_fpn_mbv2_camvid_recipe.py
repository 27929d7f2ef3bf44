# CamVid by our recipe on MobileNetV2.
_base_ = ['./picie_fpn_r18_camvid_recipe.py', '../_base_/models/mbv2.py']
model = dict(
    backbone=dict(**_base_.mbv2.backbone, norm_eval=True), neck=_base_.mbv2.neck
)
