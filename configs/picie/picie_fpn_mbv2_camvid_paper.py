_base_ = ['./picie_fpn_r18_camvid_paper.py', '../_base_/models/mbv2.py']
model = dict(**_base_.mbv2)
