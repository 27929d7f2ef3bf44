# PiCIE+H, never released by its authors: a second clustering, with 100 clusters, joins
# the training.
_base_ = './picie_fpn_r18_coco27.py'
model = dict(
    auxiliary_head=dict(type='ClusteringHead', in_channels=128, num_clusters=100)
)
