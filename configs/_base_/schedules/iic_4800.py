# IIC's own training: Adam at the rate that a config says, up to 4,800 epochs.
_base_ = './end_to_end.py'
train_cfg = dict(max_epochs=4800, val_interval=100)
