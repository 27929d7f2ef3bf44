# No training: k-means on dense SIFT, COCO-Stuff-27.
_base_ = ['../_base_/kmeans_sift.py', '../_base_/datasets/coco_stuff27.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
