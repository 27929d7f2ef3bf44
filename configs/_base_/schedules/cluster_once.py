# No training: one clustering of the features as they are, then evaluation.
_base_ = './picie_10r.py'
train_cfg = dict(_delete_=True, type='ClusterOnlyLoop')
default_hooks = dict(
    kmeans=dict(batch_size=32, spherical=True, num_inits=3),
    refit=dict(batch_size=32),
    label_free=None,
)
