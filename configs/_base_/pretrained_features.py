# Parts of the baselines without training: levels of a backbone at equal total variance,
# PCA to 64, unit length, spherical k-means. A config takes them as _base_.NAME.
pca_neck = dict(_delete_=True, type='MultiLevelPCA', out_channels=64, grid_level=1)
pca_head = dict(in_channels=64, loss=None)
cluster_once = dict(_delete_=True, type='ClusterOnlyLoop')
pca_hooks = dict(
    fit_pca=dict(type='FitPCAHook'),
    kmeans=dict(spherical=True, num_inits=3),
    label_free=None,
)
