# Modified DeepCluster with 1000 clusters on COCO-Stuff-27. Classes get many clusters
# each, so the figure to read is mIoU_majority, which is no one-to-one matching.
_base_ = './mdc_fpn_r18_coco27.py'
model = dict(decode_head=dict(num_clusters=1000))
# The scores of an image are 0.4 GB.
val_dataloader = dict(batch_size=4)
test_dataloader = val_dataloader
