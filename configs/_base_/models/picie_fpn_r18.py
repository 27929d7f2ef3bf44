# PiCIE, section 4.1: ResNet-18 trained end to end, FPN of 128 channels at stride 4.
# The 'default' column of the choices R1-R13: one rule for labels, loss and
# prediction, no cluster weights, centroids refitted before evaluation.
model = dict(
    type='PiCIE',
    data_preprocessor=dict(
        type='ViewsDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='ResNet',
        depth=18,
        out_indices=(0, 1, 2, 3),
        norm_cfg=dict(type='BN', requires_grad=True),
        norm_eval=False,
        init_cfg=dict(
            type='Pretrained',
            checkpoint='https://download.pytorch.org/models/resnet18-f37072fd.pth',
        ),
    ),
    neck=dict(type='LateralSumFPN', in_channels=[64, 128, 256, 512], out_channels=128),
    decode_head=dict(
        type='ClusteringHead',
        in_channels=128,
        num_clusters=27,
        label_rule='euclidean',
        predict_rule='euclidean',
        loss=dict(
            type='ClusteringLoss',
            rule='euclidean',
            temperature=1.0,
            cluster_weight='none',
        ),
    ),
    predict_as='clusters',
    test_cfg=dict(mode='whole'),
)
