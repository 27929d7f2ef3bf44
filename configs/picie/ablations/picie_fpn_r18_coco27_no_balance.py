# Ablation row 'no balance': no cluster weights. Published accuracy / mIoU: 40.56 /
# 11.46.
_base_ = './picie_fpn_r18_coco27_both.py'
model = dict(decode_head=dict(loss=dict(cluster_weight='none')))
