# PiCIE for a few hundred or thousand images; docs/results.md has the figures.
_base_ = './picie_10r.py'
# Rounds end at rest: the network confirms its own clusters, so a rate that stays high
# makes the last round as good or bad as chance has it.
# Other numbers of rounds: --cfg-options train_cfg.max_epochs=N param_scheduler.0.end=N
param_scheduler = [
    dict(
        type='CosineAnnealingLR',
        end=_base_.train_cfg.max_epochs,
        convert_to_iter_based=True,
    )
]
# The first clusters are those of the pretrained features, not of a random neck.
custom_hooks = [*_base_.custom_hooks, dict(type='PCAStartHook')]
