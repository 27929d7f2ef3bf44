# PiCIE for a few hundred or thousand images; docs/results.md has the figures.
_base_ = './picie_10r.py'
# The network confirms its own clusters: what it gains by that it gains in the first
# rounds, and after that it drifts. So there are few rounds, and they end at rest.
# Other numbers of rounds: --cfg-options train_cfg.max_epochs=N param_scheduler.0.end=N
max_epochs = 5
train_cfg = dict(max_epochs=max_epochs)
param_scheduler = [
    dict(type='CosineAnnealingLR', end=max_epochs, convert_to_iter_based=True)
]
# The residual begins with nothing and learns as heads do. Pretrained weights do not.
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys={'neck.residual': dict(lr_mult=30.0)})
)
default_hooks = dict(
    # Beside the last checkpoint, that of the round whose two views agree best, which
    # needs no labels.
    checkpoint=dict(save_best='label_free/view_agreement', rule='greater'),
    # The first clustering, of plain images, is the tightest of five; all others go on
    # from it. Drawn anew, clusters differ between the views and come and go from round
    # to round, and the last round is as good or bad as chance has it.
    kmeans=dict(batch_size=64, num_inits=5, warm_start=True, init_points=100_000),
    # The first clusters are those of the pretrained features, not of a random neck.
    initial_projection=dict(type='InitialProjectionHook'),
)
