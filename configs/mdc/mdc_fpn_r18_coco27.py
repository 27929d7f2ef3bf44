# Ablation row 'MDC': Modified DeepCluster, a learned classifier on one view. Published
# accuracy / mIoU: 34.35 / 9.88.
# The released code fits the final centroids on the validation images (R12): for that,
# --cfg-options custom_hooks.0.refit_images=val. Its evaluations between rounds are
# those of the classifier: model.decode_head.predict_by=classifier.
_base_ = ['../picie/picie_fpn_r18_coco27.py', '../_base_/picie_reference.py']
model = dict(
    type='MDC',
    decode_head=dict(**_base_.reference_head, type='ClassifierHead'),
)
