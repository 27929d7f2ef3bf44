# Supervised training on CamVid from random, ImageNet and unsupervised weights, with 10,
# 25 and 100 % of the labels.
#   python tools/research/sweep.py tools/research/lists/supervised_camvid.py \
#       --out supervised.csv --jobs 2
# data/weights/ holds mobilenetv2_in1k_mmseg.pth and the unsupervised weights, one file
# per seed, picie_{mbv2,r18}_camvid_seed{0,1,2}.pth, by tools/export_backbone.py.
# ResNet-18's ImageNet weights are torchvision's and fetched.
init = 'model.backbone.init_cfg'
unsupervised = 'data/weights/picie_{}_camvid_seed{{seed}}.pth'
imagenet = dict(
    mbv2='data/weights/mobilenetv2_in1k_mmseg.pth',
    r18='https://download.pytorch.org/models/resnet18-f37072fd.pth',
)
weights = {
    backbone: dict(
        random={},
        imagenet={f'{init}.type': 'Pretrained', f'{init}.checkpoint': file},
        picie={
            f'{init}.type': 'Pretrained',
            f'{init}.checkpoint': unsupervised.format(backbone),
            f'{init}.prefix': 'backbone.',
        },
    )
    for backbone, file in imagenet.items()
}
rows = [
    dict(
        name=f'{backbone}_{name}_{100 * share:.0f}',
        config=f'configs/supervised/fpn_{backbone}_camvid.py',
        options={'train_dataloader.sampler.share': share, **options},
    )
    for backbone, named in weights.items()
    for share in (0.1, 0.25, 1.0)
    for name, options in named.items()
]
