# PiCIE+H, never released by its authors: a second clustering, with 100 clusters, joins
# the training. A config takes it as model=dict(auxiliary_head=_base_.auxiliary_head).
auxiliary_head = dict(type='ClusteringHead', in_channels=128, num_clusters=100)
