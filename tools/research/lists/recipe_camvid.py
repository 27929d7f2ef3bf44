# The recipe on CamVid and what its parts do: one left out or changed at a time.
#   python tools/sweep.py docs/sweeps/recipe_camvid.py --out recipe.csv --only mbv2 \
#       -- --data-root DIR --cfg-options model.backbone.init_cfg.checkpoint=FILE
START = {'train_cfg.type': 'ClusterOnlyLoop'}  # no training
parts = {
    'recipe': {},
    'start': START,
    'start_no_context': {**START, 'model.neck.context': 0.0},
    'start_three_levels': {**START, 'custom_hooks.3.levels': 3},
    'no_correspondence': {'model.correspondence': None},
    'correspondence_30': {'model.correspondence.weight': 30.0},
    'no_residual': {'model.neck.residual_channels': 0},
    'label_agreement': {'model.label_agreement': True},
    'one_clustering': {'model.auxiliary_head': None},
    'no_context': {'model.neck.context': 0.0},
    'three_levels': {'custom_hooks.3.levels': 3},
    'drawn_anew': {'custom_hooks.0.warm_start': False},
    'batch_statistics': {'model.backbone.norm_eval': False},
    'temperature_1': {'model.decode_head.loss.temperature': 1.0},
    'constant_rate': {'param_scheduler': []},
    'ten_rounds': {'train_cfg.max_epochs': 10, 'param_scheduler.0.end': 10},
    'one_start': {'custom_hooks.0.starts': 1},
}
rows = [
    dict(
        name=f'{backbone}_{name}',
        config=f'configs/picie/picie_fpn_{backbone}_camvid.py',
        options=options,
    )
    for backbone in ('mbv2', 'r18')
    for name, options in parts.items()
]
