# Any folder of images with the paper's settings, on EfficientNet-Lite0, whose weights
# come by pip:
#   python tools/train.py configs/picie/picie_fpn_lite0_folder.py --data-root DIR
# For some hundred images picie_fpn_lite0_folder_recipe.py is better.
_base_ = ['./picie_fpn_r18_folder.py', '../_base_/models/lite0.py']
model = dict(**_base_.lite0)
