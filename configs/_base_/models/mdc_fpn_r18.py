# Modified DeepCluster: one view and a learned classifier, with the released choices.
_base_ = ['./picie_fpn_r18.py', '../picie_reference.py']
model = dict(
    type='MDC', decode_head=dict(**_base_.reference_head, type='ClassifierHead')
)
