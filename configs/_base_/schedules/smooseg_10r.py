# SmooSeg for a few hundred images: few steps, and so a higher rate.
_base_ = './smooseg_8r.py'
optim_wrapper = dict(optimizer=dict(lr=1e-3))
max_epochs = 10
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
