# No training: k-means on the color of pixels, COCO-Stuff-27.
_base_ = ['../_base_/kmeans_rgb.py', '../_base_/datasets/coco_stuff27.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
