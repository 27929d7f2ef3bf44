_base_ = ['./picie_fpn_r18_camvid.py', '../_base_/models/mbv2.py']
model = dict(
    backbone=dict(**_base_.mbv2.backbone, norm_eval=True), neck=_base_.mbv2.neck
)
