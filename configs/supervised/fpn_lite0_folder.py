# A folder of labeled images of your own, as fpn_lite0_camvid.py: images in
# DIR/images/{train,val}, labels of the same names in DIR/labels/{train,val}, in any
# encoding that mmseg_picie.datasets.LabelFolder knows, class names in DIR/classes.txt.
#   python tools/train.py configs/supervised/fpn_lite0_folder.py --data-root DIR \
#     --cfg-options model.decode_head.num_classes=C
# It begins with the ImageNet weights that come by pip: mmseg_picie[weights].
_base_ = './fpn_lite0_camvid.py'
train_images = dict(
    _delete_=True,
    type='ImageFolderDataset',
    data_root='data/labeled',
    label_table_file='classes.txt',
    data_prefix=dict(img_path='images/train', seg_map_path='labels/train'),
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='LoadFolderLabels'),
        *_base_.train_pipeline[3:],
    ],
)
val_images = dict(
    _delete_=True,
    type='ImageFolderDataset',
    data_root='data/labeled',
    label_table_file='classes.txt',
    data_prefix=dict(img_path='images/val', seg_map_path='labels/val'),
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='LoadFolderLabels'),
        *_base_.test_pipeline[3:],
    ],
)
model = dict(
    backbone=dict(
        init_cfg=dict(type='Pretrained', checkpoint='package://efficientnet-lite0')
    ),
)
train_dataloader = dict(dataset=train_images)
# Images of mixed sizes do not stack.
val_dataloader = dict(batch_size=1, dataset=val_images)
test_dataloader = val_dataloader
