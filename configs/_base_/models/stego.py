# STEGO (Hamilton et al., ICLR 2022) with the authors' settings for ViT-S; weights and
# shifts of the loss are theirs for COCO-Stuff-27. A config gives the backbone.
model = dict(
    type='STEGO',
    data_preprocessor=dict(
        type='ViewsDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(type='TransformersBackbone'),
    neck=dict(type='ProjectionNeck', in_channels='auto', out_channels=70, dropout=0.1),
    decode_head=dict(type='ProbeHead', in_channels=70, num_clusters=27),
    pair_loss=dict(
        type='STEGOLoss',
        weights=dict(self=0.67, neighbor=0.25, random=0.63),
        shifts=dict(self=0.08, neighbor=0.02, random=0.66),
    ),
    points=11,
    random_images=5,
    feature_dropout=0.1,
    predict_as='clusters',
    test_cfg=dict(mode='whole'),
)
# Images are trained on as they are. (Views with other colors are made all the same, for
# the scores without labels.)
as_they_are = dict(train_view1='plain', crop_ratio=(1.0, 1.0), flip_prob=0.0)
