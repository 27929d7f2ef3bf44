# Ablation row 'MSE': the views' squared distance in place of the cross-view terms.
# Published accuracy / mIoU: 44.15 / 10.98. Its weight is not published; see
# ClusteringLoss.cross_loss for ours.
_base_ = './picie_fpn_r18_coco27_both.py'
model = dict(decode_head=dict(loss=dict(cross_loss='mse')))
