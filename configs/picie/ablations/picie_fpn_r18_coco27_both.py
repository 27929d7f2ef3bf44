# Ablation row '+ both': invariance and equivariance, PiCIE itself. Published accuracy /
# mIoU: 48.09 / 13.84. The other rows change one thing of this one.
# Rules and cluster weights as released, views and rounds ours; all as released is
# ../picie_fpn_r18_coco27_reference.py.
_base_ = ['../picie_fpn_r18_coco27.py', '../../_base_/picie_reference.py']
model = dict(decode_head=_base_.reference_head)
