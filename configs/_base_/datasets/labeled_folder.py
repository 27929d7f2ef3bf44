# A folder of labeled images of your own, trained on as camvid_labeled.py: images in
# DIR/images/{train,val}, labels of the same names in DIR/labels/{train,val}, in any
# encoding that mmseg_picie.datasets.LabelFolder knows, class names in DIR/classes.txt.
_base_ = './camvid_labeled.py'
labeled = dict(
    _delete_=True,
    type='ImageFolderDataset',
    data_root='data/labeled',
    label_table_file='classes.txt',
)
load = [dict(type='LoadImageFromFile'), dict(type='LoadFolderLabels')]
train_images = dict(
    **labeled,
    data_prefix=dict(img_path='images/train', seg_map_path='labels/train'),
    pipeline=[*load, *_base_.train_pipeline[3:]],
)
val_images = dict(
    **labeled,
    data_prefix=dict(img_path='images/val', seg_map_path='labels/val'),
    pipeline=[*load, *_base_.test_pipeline[3:]],
)
train_dataloader = dict(dataset=train_images)
# Images of mixed sizes do not stack.
val_dataloader = dict(batch_size=1, dataset=val_images)
test_dataloader = val_dataloader
