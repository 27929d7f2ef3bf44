# PiCIE for a few hundred or thousand images; docs/results.md has the figures.
_base_ = './picie_10r.py'
# Rounds end at rest: the network confirms its own clusters, so a rate that stays high
# makes the last round as good or bad as chance has it.
param_scheduler = [
    dict(type='CosineAnnealingLR', T_max=10, end=10, convert_to_iter_based=True)
]
# The first clusters are those of the pretrained features, not of a random neck.
custom_hooks = [*_base_.custom_hooks, dict(type='PCAStartHook')]
