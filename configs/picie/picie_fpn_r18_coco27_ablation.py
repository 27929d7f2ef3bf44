# The paper's ablation on COCO-Stuff-27: its row '+ both' (published accuracy / mIoU:
# 48.09 / 13.84). Rules and cluster weights are the released ones, views and rounds
# ours. docs/ablations.md has the options of the other rows.
_base_ = ['./picie_fpn_r18_coco27.py', '../_base_/picie_reference.py']
model = dict(decode_head=_base_.reference_head)
