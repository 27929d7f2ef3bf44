# Any folder of images by our recipe, as `mmseg-picie fit` runs it: 100 clusters, which
# a person then names, of EfficientNet-Lite0, whose weights come by pip.
_base_ = ['./picie_fpn_r18_folder_recipe.py', '../_base_/models/lite0.py']
model = dict(
    data_preprocessor=_base_.lite0.data_preprocessor,
    backbone=dict(**_base_.lite0.backbone, norm_eval=True),
    # Named clusters gain nothing by averages over context, which cost 6 to 10 points
    # of mIoU, nor by a second, finer clustering.
    neck=dict(**_base_.lite0.neck, context=0.0),
    decode_head=dict(num_clusters=100),
    auxiliary_clusters=None,
)
# 500 points a cluster are enough to begin with.
default_hooks = dict(kmeans=dict(num_inits=3, init_points=50_000))
