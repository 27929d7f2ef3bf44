# A method without clusterings: its heads learn the clusters, so nothing is clustered
# before a round and nothing fitted after it.
_base_ = './picie_10r.py'
default_hooks = dict(kmeans=None, refit=None)
