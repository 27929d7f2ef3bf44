# The baseline from before networks: dense SIFT in place of a network, else as
# kmeans_r18.py.
_base_ = './kmeans_r18.py'
model = dict(
    data_preprocessor=dict(mean=[0.0] * 3, std=[1.0] * 3),
    backbone=dict(_delete_=True, type='DenseSIFT'),
    neck=dict(grid_level=0),
)
