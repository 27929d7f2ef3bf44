# PriMaPs votes, no training: masks of features of EfficientNet-Lite0 are clustered.
_base_ = '../pretrained_features/kmeans_lite0_scenes.py'
model = dict(decode_head=dict(type='MaskVotingHead'))
default_hooks = dict(kmeans=dict(points_from='masks'))
