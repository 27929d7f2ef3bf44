# Ablation row 'single centroid set': one k-means over the pixels of both views.
# Published accuracy / mIoU: 44.31 / 11.71.
_base_ = './picie_fpn_r18_coco27_both.py'
custom_hooks = [
    dict(**_base_.custom_hooks[0], centroid_sets='shared'),
    *_base_.custom_hooks[1:],
]
