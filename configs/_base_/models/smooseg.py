# SmooSeg (Lan et al., NeurIPS 2023) with the authors' settings; shifts are theirs for
# COCO-Stuff-27 with ViT-S. A config gives the backbone. The released code compares no
# neighbors; pair_loss.weights.neighbor and pair_loss.shifts.neighbor add them.
model = dict(
    type='SmooSeg',
    data_preprocessor=dict(
        type='ViewsDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(type='TransformersBackbone'),
    neck=dict(
        type='ProjectionNeck',
        in_channels='auto',
        out_channels=64,
        dropout=0.2,
        activation='silu',
    ),
    decode_head=dict(
        type='TeacherHead',
        in_channels=64,
        num_clusters=27,
        temperature=0.1,
        momentum=0.998,
    ),
    pair_loss=dict(
        type='SmoothnessLoss',
        weights=dict(self=1.0, random=1.0),
        shifts=dict(self=-0.02, random=0.48),
    ),
    feature_dropout=0.2,
    predict_as='clusters',
    test_cfg=dict(mode='whole'),
)
# Images are trained on as they are. (Views with other colors are made all the same, for
# the scores without labels.)
as_they_are = dict(train_view1='plain', crop_ratio=(1.0, 1.0), flip_prob=0.0)
