# PriMaPs votes, no training: masks of features of ResNet-18 are clustered.
_base_ = '../pretrained_features/kmeans_r18_cityscapes27.py'
model = dict(decode_head=dict(type='MaskVotingHead'))
default_hooks = dict(kmeans=dict(points_from='masks'))
