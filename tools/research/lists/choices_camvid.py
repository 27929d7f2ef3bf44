# The choices of the method, one at a time, on CamVid with MobileNetV2.
#   python tools/research/sweep.py tools/research/lists/choices_camvid.py \
#       --out choices.csv --jobs 2 \
#       -- --data-root DIR --cfg-options model.backbone.init_cfg.checkpoint=FILE
config = 'configs/picie/picie_fpn_mbv2_camvid.py'
head = 'model.decode_head'
settings = {
    'default': {},
    # Weight of a cluster in the loss (R4).
    'weight_frequency': {f'{head}.loss.cluster_weight': 'frequency'},
    'weight_inverse_sqrt': {f'{head}.loss.cluster_weight': 'inverse_sqrt'},
    # What labels, loss and prediction compare by (R5).
    'rules_released': {
        f'{head}.label_rule': 'euclidean',
        f'{head}.loss.rule': 'dot',
        f'{head}.predict_rule': 'dot',
    },
    'rules_cosine': {
        f'{head}.label_rule': 'cosine',
        f'{head}.loss.rule': 'cosine',
        f'{head}.predict_rule': 'cosine',
    },
    'rules_dot': {
        f'{head}.label_rule': 'dot',
        f'{head}.loss.rule': 'dot',
        f'{head}.predict_rule': 'dot',
    },
    # Centroids from before the round predict (R9).
    'centroids_view1': {'default_hooks.refit.eval_centroids': 'view1'},
    # BatchNorm statistics move while clustering (R6).
    'batch_norm_train': {'default_hooks.kmeans.batch_norm': 'train'},
    # Divisor of the scores in the loss; 1 in the default.
    'temperature_0.05': {f'{head}.loss.temperature': 0.05},
    'temperature_0.1': {f'{head}.loss.temperature': 0.1},
    'temperature_0.2': {f'{head}.loss.temperature': 0.2},
    'temperature_0.5': {f'{head}.loss.temperature': 0.5},
}
rows = [
    dict(name=name, config=config, options=options)
    for name, options in settings.items()
]
