# What labeled sets without a list for validation share: img/, ann/ (ids from 0, 255 for
# none), splits/{train,test}.txt and class names in meta.json. Validation takes every
# fifth image of the train list, training the others; to train on all of them:
#   --cfg-options train_dataloader.dataset.holdout=None
# Small protocol, as camvid.py.
_base_ = './camvid.py'
listed = dict(_delete_=True, type='ImageFolderDataset', ann_file='splits/train.txt')
labeled = dict(
    **listed,
    data_prefix=dict(img_path='img', seg_map_path='ann'),
    label_table_file='meta.json',
)
train_images = dict(
    **listed,
    data_prefix=dict(img_path='img'),
    holdout=dict(every=5, part='train'),
)
val_images = dict(**labeled, holdout=dict(every=5, part='val'))
test_images = dict(labeled, ann_file='splits/test.txt')
train_dataloader = dict(dataset=dict(train_images, pipeline=_base_.train_pipeline))
# Images of mixed sizes do not stack.
val_dataloader = dict(
    batch_size=1, dataset=dict(val_images, pipeline=_base_.test_pipeline)
)
test_dataloader = dict(
    batch_size=1, dataset=dict(test_images, pipeline=_base_.test_pipeline)
)
