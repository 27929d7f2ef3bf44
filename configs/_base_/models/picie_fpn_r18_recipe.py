# PiCIE for a few hundred or thousand images; docs/results.md has the figures.
_base_ = './picie_fpn_r18.py'
model = dict(
    # BatchNorm keeps the statistics of the pretraining: those of a few hundred images,
    # batch by batch, move the embedding away from what was clustered. A network from
    # scratch has none to keep: norm_eval=False.
    backbone=dict(norm_eval=True),
    # Cells of a shallow network know little of what they are part of: alone they
    # cluster by texture. The residual learns what the correspondences ask for, while
    # the sum below it keeps what the pretrained features know.
    neck=dict(context=0.15, residual_channels=128),
    # Clusters alone confirm themselves. Which pixels the features find alike is known
    # before any cluster; it weighs more than the clusters, which follow it.
    correspondence=dict(type='CorrespondenceLoss', weight=10.0),
    # The scores of unit vectors differ by 2 at most: divided by 1, the loss never comes
    # to rest and pulls every cluster into a point. Divided by 0.1, pixels well inside
    # their cluster stay as they are and those between clusters learn.
    decode_head=dict(loss=dict(temperature=0.1)),
    # Few clusters are learned whatever they got wrong; a second, finer clustering keeps
    # apart what the first one put together.
    auxiliary_clusters=100,
)
