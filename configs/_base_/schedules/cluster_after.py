# For methods that learn an embedding without clusterings: it is clustered after each
# round, for prediction.
_base_ = './picie_10r.py'
default_hooks = dict(
    kmeans=None, refit=dict(batch_size=32, kmeans=dict(spherical=True, num_inits=3))
)
