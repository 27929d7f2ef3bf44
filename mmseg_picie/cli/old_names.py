"""The names of version 0.1 and what they are called now.

``renamed.py`` looks them up in the configs that the tools load, and
``docs/make_renamed.py`` writes them into ``docs/renamed.md``. A new row here is all
that a further renaming needs.
"""

# Registered classes.
TYPES = {
    'CentreCropShortSide': 'CenterCropShortSide',
    'PCAStartHook': 'InitialProjectionHook',
    'PixelColours': 'PixelColors',
    'UnlabelledDataset': 'OptionalLabelDataset',
}

# (class, option) -> the same option, or the setting of another class in its place.
OPTIONS = {
    ('ClusterStatisticsMetric', 'output_dir'): 'figures_dir',
    ('HungarianIoUMetric', 'output_dir'): 'figures_dir',
    ('KMeansLabelHook', 'calibrate_batch_norm'): 'default_hooks.calibrate.type='
    'CalibrateBatchNormHook',
    ('KMeansLabelHook', 'eval_centroids'): 'default_hooks.refit.eval_centroids',
    ('KMeansLabelHook', 'refit_batch_size'): 'default_hooks.refit.batch_size',
    ('KMeansLabelHook', 'refit_images'): 'default_hooks.refit.images',
    ('KMeansLabelHook', 'starts'): 'num_inits',
    ('MDC', 'auxiliary_head'): 'auxiliary_clusters',
    ('PiCIE', 'auxiliary_head'): 'auxiliary_clusters',
    ('LabelFreeScoresHook', 'num_neighbours'): 'num_neighbors',
}

# (option, value) -> value, whatever has the option.
VALUES = {
    ('frame', 'centre'): 'center',
    ('save_best', 'label_free/neighbour_agreement'): 'label_free/neighbor_agreement',
    ('save_best', 'label_free/stability'): 'label_free/round_agreement',
}

# Hooks that lay in the list custom_hooks, in the order they had there.
HOOKS = {
    'KMeansLabelHook': 'kmeans',
    'ManifestHook': 'manifest',
    'LabelFreeScoresHook': 'label_free',
    'InitialProjectionHook': 'initial_projection',
}

# Variables that a config took from its base as _base_.NAME.
VARIABLES = {
    'auxiliary_head': 'model.auxiliary_clusters=100',
    'custom_hooks': 'default_hooks, a dict by name',
    'no_colour': 'jitter_prob=0.0, grayscale_prob=0.0 and blur_prob=0.0 of PairedViews',
    'reference_rounds': "reference_hooks, that is default_hooks' kmeans and refit",
}

_ABLATION = 'picie/picie_fpn_r18_coco27_ablation.py'
_VIEWS = 'train_dataloader.dataset.pipeline.1.'
_NO_COLOR = ' '.join(
    f'{_VIEWS}{name}=0' for name in ('jitter_prob', 'grayscale_prob', 'blur_prob')
)
_SCRATCH = (
    'model.backbone.init_cfg=None default_hooks.calibrate.type=CalibrateBatchNormHook'
)
_PRETRAINED = (
    'model.backbone.init_cfg.type=Pretrained model.backbone.init_cfg.checkpoint=FILE'
)
_AUXILIARY = 'model.auxiliary_clusters=100'
_SHARED = 'default_hooks.kmeans.centroid_sets=shared'

# File below configs/ -> file, and options where they take the place of the file.
CONFIG_FILES = {
    '_base_/datasets/camvid_labelled.py': ('_base_/datasets/camvid_labeled.py', ''),
    '_base_/models/auxiliary_head_100.py': ('', _AUXILIARY),
    '_base_/no_colour.py': ('', _NO_COLOR),
    'mdc/mdc_fpn_r18_coco27_nonparametric.py': (
        'mdc/mdc_fpn_r18_coco27.py',
        'model.decode_head.type=ClusteringHead',
    ),
    'picie/picie_fpn_mbv2_camvid_paper.py': ('picie/picie_fpn_mbv2_camvid.py', ''),
    'picie/picie_fpn_r18_camvid_paper.py': ('picie/picie_fpn_r18_camvid.py', ''),
    'picie/picie_fpn_r18_coco15_scratch.py': (
        'picie/picie_fpn_r18_coco15.py',
        _SCRATCH,
    ),
    'picie/picie_fpn_r18_scenes.py': ('picie/picie_fpn_r18_scenes_recipe.py', ''),
    'picie/picieh_fpn_r18_coco15_scratch.py': (
        'picie/picie_fpn_r18_coco15.py',
        f'{_AUXILIARY} {_SCRATCH}',
    ),
    'picie/ablations/picieh_fpn_r18_coco27_overclustering.py': (_ABLATION, _AUXILIARY),
}
for _name in ('mbv2_camvid', 'r18_camvid', 'rgb_scenes'):
    CONFIG_FILES[f'frozen/kmeans_{_name}.py'] = (
        f'pretrained_features/kmeans_{_name}.py',
        '',
    )
for _name, _options in {
    'both': '',
    'geometric': _NO_COLOR,
    'mse': 'model.decode_head.loss.cross_loss=mse',
    'no_balance': 'model.decode_head.loss.cluster_weight=none',
    'photometric': f'{_VIEWS}crop_ratio=1.0,1.0 {_VIEWS}flip_prob=0',
    'single_set': _SHARED,
    'single_set_no_invariance': f'{_SHARED} {_NO_COLOR}',
}.items():
    CONFIG_FILES[f'picie/ablations/picie_fpn_r18_coco27_{_name}.py'] = (
        _ABLATION,
        _options,
    )
for _name in (
    *('cityscapes27', 'cityscapes27_val500', 'coco15', 'coco27', 'coco3'),
    *('coco_things12', 'potsdam3', 'potsdam3_tiles', 'potsdam6', 'potsdam6_tiles'),
):
    CONFIG_FILES[f'picie/picieh_fpn_r18_{_name}.py'] = (
        f'picie/picie_fpn_r18_{_name}.py',
        _AUXILIARY,
    )
for _name in ('mbv2', 'r18'):
    for _weights, _options in {
        'random': '',
        'imagenet': _PRETRAINED,
        'picie': f'{_PRETRAINED} model.backbone.init_cfg.prefix=backbone.',
    }.items():
        CONFIG_FILES[f'supervised/fpn_{_name}_camvid_{_weights}.py'] = (
            f'supervised/fpn_{_name}_camvid.py',
            _options,
        )
