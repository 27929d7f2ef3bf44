# Parts of the baselines without training: spherical k-means, once, on the features of a
# backbone. A config takes them as _base_.NAME.
cluster_once = dict(_delete_=True, type='ClusterOnlyLoop')
once_hooks = dict(kmeans=dict(spherical=True, num_inits=3), label_free=None)
# Levels of a backbone at equal total variance, PCA to 64, unit length.
pca_neck = dict(_delete_=True, type='MultiLevelPCA', out_channels=64, grid_level=1)
pca_head = dict(in_channels=64, loss=None)
pca_hooks = dict(fit_pca=dict(type='FitPCAHook'), **once_hooks)
