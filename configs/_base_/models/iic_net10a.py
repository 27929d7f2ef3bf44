# IIC (Ji et al., ICCV 2019): a small network from scratch, two heads, no normalization
# of its features. A config says how many clusters each head has.
model = dict(
    type='IIC',
    data_preprocessor=dict(
        type='ViewsDataPreProcessor', mean=[0.0] * 3, std=[255.0] * 3, bgr_to_rgb=True
    ),
    backbone=dict(type='Net10a'),
    neck=None,
    decode_head=dict(
        type='SoftmaxHead',
        in_channels=512,
        num_clusters=3,
        normalize=False,
        loss=dict(type='MutualInformationLoss', displacement=10, entropy_weight=1.0),
    ),
    # The over-clustering head; what it does not say is as in decode_head.
    auxiliary_head=dict(num_clusters=15, loss=dict(entropy_weight=1.0)),
    head_schedule='alternate',
    upsample=True,
    predict_as='clusters',
    test_cfg=dict(mode='whole'),
)
# What COCO-Stuff's network sees: model = dict(backbone=_base_.colors_and_edges).
colors_and_edges = dict(
    _delete_=True,
    type='ImageFilters',
    inputs='rgb_sobel',
    backbone=dict(type='Net10a'),
)
# What Potsdam's network sees, in the order of LoadMatImage(infrared=True): blue, green,
# red, infrared.
four_channels = dict(
    data_preprocessor=dict(mean=[0.0] * 4, std=[255.0] * 4, bgr_to_rgb=False),
    backbone=dict(in_channels=4),
)
