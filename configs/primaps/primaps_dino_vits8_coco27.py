# PriMaPs votes, no training: masks of features of DINO's ViT-S/8 are clustered.
_base_ = '../pretrained_features/kmeans_dino_vits8_coco27.py'
model = dict(decode_head=dict(type='MaskVotingHead'))
default_hooks = dict(kmeans=dict(points_from='masks'))
