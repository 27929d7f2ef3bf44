# The recipe on CamVid and what its parts do: one left out or changed at a time.
#   python tools/research/sweep.py tools/research/lists/recipe_camvid.py \
#       --out recipe.csv --only mbv2 \
#       -- --data-root DIR --cfg-options model.backbone.init_cfg.checkpoint=FILE
UNTRAINED = {'train_cfg.type': 'ClusterOnlyLoop'}
LEVELS = 'default_hooks.initial_projection.levels'
parts = {
    'recipe': {},
    'untrained': UNTRAINED,
    'untrained_no_context': {**UNTRAINED, 'model.neck.context': 0.0},
    'untrained_three_levels': {**UNTRAINED, LEVELS: 3},
    'no_correspondence': {'model.correspondence': None},
    'correspondence_30': {'model.correspondence.weight': 30.0},
    'no_residual': {'model.neck.residual_channels': 0},
    'label_agreement': {'model.label_agreement': True},
    'one_clustering': {'model.auxiliary_clusters': None},
    'no_context': {'model.neck.context': 0.0},
    'three_levels': {LEVELS: 3},
    'drawn_anew': {'default_hooks.kmeans.warm_start': False},
    'batch_statistics': {'model.backbone.norm_eval': False},
    'temperature_1': {'model.decode_head.loss.temperature': 1.0},
    'constant_rate': {'param_scheduler': []},
    'ten_rounds': {'train_cfg.max_epochs': 10, 'param_scheduler.0.end': 10},
    'one_init': {'default_hooks.kmeans.num_inits': 1},
}
rows = [
    dict(
        name=f'{backbone}_{name}',
        config=f'configs/picie/picie_fpn_{backbone}_camvid_recipe.py',
        options=options,
    )
    for backbone in ('mbv2', 'r18')
    for name, options in parts.items()
]
