# Supervised training on CamVid from three starts, with 10, 25 and 100 % of the labels.
#   python tools/sweep.py docs/sweeps/supervised_camvid.py --out supervised.csv --jobs 2
# data/weights/ holds mobilenetv2_in1k_mmseg.pth and the unsupervised starts, one per
# seed, picie_{mbv2,r18}_camvid_seed{0,1,2}.pth, written by tools/export_backbone.py.
# ResNet-18's ImageNet weights are torchvision's and fetched.
backbones = ('mbv2', 'r18')
shares = (0.1, 0.25, 1.0)
starts = ('random', 'imagenet', 'picie')
checkpoint = 'model.backbone.init_cfg.checkpoint'
rows = [
    dict(
        name=f'{backbone}_{start}_{100 * share:.0f}',
        config=f'configs/supervised/fpn_{backbone}_camvid_{start}.py',
        options={
            'train_dataloader.sampler.share': share,
            **(
                {checkpoint: f'data/weights/picie_{backbone}_camvid_seed{{seed}}.pth'}
                if start == 'picie'
                else {}
            ),
        },
    )
    for backbone in backbones
    for share in shares
    for start in starts
]
