# Views of IIC (Ji et al., ICCV 2019): one has its colors changed, one is flipped. A
# config takes them as _base_.NAME.
jitter = dict(
    train_view1='plain',  # only one view has its colors changed
    brightness=0.4,
    contrast=0.4,
    saturation=0.4,
    hue=0.125,
    jitter_prob=1.0,
    grayscale_prob=0.0,
    blur_prob=0.0,
    crop_ratio=(1.0, 1.0),
)
weak_jitter = dict(jitter, brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1)
# COCO at 128 px: here the center square, there a random square of the image at a third
# of its size.
coco_size = 128
