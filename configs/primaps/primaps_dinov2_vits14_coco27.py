# PriMaPs votes, no training: masks of features of DINOv2's ViT-S/14 are clustered.
_base_ = '../pretrained_features/kmeans_dinov2_vits14_coco27.py'
model = dict(decode_head=dict(type='MaskVotingHead'))
default_hooks = dict(kmeans=dict(points_from='masks'))
