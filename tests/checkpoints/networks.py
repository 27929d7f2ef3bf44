"""Checkpoints as runs write them, of networks that were not trained."""

import torch
from mmengine.config import Config
from picie_model import BACKBONES as TRAINED
from picie_model import build as build_picie

BACKBONES = dict(TRAINED, colors=(dict(type='PixelColors'), [3], 1))
MEAN, STD = [120.0, 110.0, 100.0], [60.0, 50.0, 70.0]
CHANNELS = BACKBONES['resnet'][1]
NECKS = dict(
    sum=dict(type='LateralSumFPN', in_channels=CHANNELS, out_channels=16),
    context=dict(
        type='LateralSumFPN', in_channels=CHANNELS, out_channels=16, context=0.3
    ),
    residual=dict(
        type='LateralSumFPN',
        in_channels=CHANNELS,
        out_channels=16,
        residual_channels=24,
    ),
    pca=dict(type='MultiLevelPCA', in_channels=CHANNELS, out_channels=16),
    pca_coarse=dict(
        type='MultiLevelPCA', in_channels=CHANNELS, out_channels=16, grid_level=1
    ),
)
CLUSTERS = 6
# Class of each cluster as a person gives it: some merged, one of none.
NAMED = [2, 0, -1, 1, 0, 2]
META = dict(
    classes=('sky', 'road', 'tree'), palette=[[9, 9, 200], [80] * 3, [0, 99, 0]]
)


def write(path, neck='sum', named=None, backbone='resnet', head=None, **model):
    """Writes a checkpoint of random weights; returns its network as it predicts.

    Args:
        path: File to write.
        neck: Key of ``NECKS``, a config, or None.
        named: ``cluster_to_class`` of a checkpoint whose masks hold classes.
        backbone: Key of ``BACKBONES``.
        head: Changes of the head's config.
        **model: Changes of the model's config.
    """
    neck = NECKS.get(neck, neck) if isinstance(neck, str) else neck
    if neck is not None:
        neck = dict(neck, in_channels=BACKBONES[backbone][1])
    config = dict(
        type='PiCIE',
        data_preprocessor=dict(
            type='ViewsDataPreProcessor', mean=MEAN, std=STD, bgr_to_rgb=True
        ),
        backbone=dict(BACKBONES[backbone][0]),
        neck=neck,
        decode_head=dict(
            type='ClusteringHead',
            in_channels=16,
            num_clusters=CLUSTERS,
            loss=dict(type='ClusteringLoss'),
        ),
        test_cfg=dict(mode='whole'),
    )
    config['decode_head'].update(head or {})
    config.update(model)
    if named is not None:
        config['predict_as'] = 'classes'
    network = build_picie(**config).eval()
    spread(network)
    give_clusters(network)
    if named is not None:
        network.decode_head.cluster_to_class.copy_(torch.tensor(named))
        network.dataset_meta = META
    cfg = Config(dict(model=config), format_python_code=False)
    meta = dict(cfg=cfg.dump(), dataset_meta=network.dataset_meta)
    torch.save(dict(meta=meta, state_dict=network.state_dict()), path)
    return network


def some_inputs(network):
    images = drawn(4, 96, 128, seed=9)
    return network.data_preprocessor(dict(inputs=list(images.flip(1))))['inputs']


@torch.no_grad()
def spread(network):
    """Lets all parts of the network matter and its embedding go in all directions."""
    neck = getattr(network, 'neck', None)
    levels = network.backbone(some_inputs(network))
    generator = torch.Generator().manual_seed(4)
    if hasattr(neck, 'projection'):
        size = neck.projection.shape
        neck.projection.copy_(torch.randn(size, generator=generator))
        neck.mean.copy_(torch.cat([level.mean((0, 2, 3)) for level in levels]))
    if hasattr(neck, 'laterals'):
        residual, neck.residual = neck.residual, None
        (maps,) = neck(levels)
        neck.laterals[0].bias.sub_(maps.mean((0, 2, 3)))
        neck.residual = residual
        if residual is not None:
            weight = residual[2].weight
            weight.copy_(0.3 * torch.randn(weight.shape, generator=generator))


@torch.no_grad()
def give_clusters(network):
    """Clusters that images have: means of their own points."""
    maps = network.embed(some_inputs(network))
    points = maps.permute(0, 2, 3, 1).flatten(0, 2)
    head = network.decode_head
    centroids = points[:1]
    while len(centroids) < head.num_clusters:  # the point that is farthest from all
        farthest = torch.cdist(points, centroids).min(1).values.argmax()
        centroids = torch.cat([centroids, points[farthest, None]])
    for _ in range(5):
        ids = torch.cdist(points, centroids).argmin(1)
        centroids = torch.stack(
            [points[ids == k].mean(0) for k in range(len(centroids))]
        )
    head.set_eval_clusters(centroids, torch.bincount(ids), num_rounds=3)
    if hasattr(head, 'classifier'):
        head.classifier.weight.copy_(centroids[:, :, None, None])
        head.classifier.bias.copy_(-0.5 * centroids.square().sum(1))


def drawn(count, height, width, seed=0):
    """Images of smooth spots and noise, (N, 3, H, W) uint8 RGB."""
    generator = torch.Generator().manual_seed(seed)
    spots = torch.rand(count, 3, 7, 7, generator=generator)
    size = (height, width)
    smooth = torch.nn.functional.interpolate(spots, size, mode='bicubic')
    noise = 0.1 * torch.randn(count, 3, height, width, generator=generator)
    return (255 * (smooth + noise)).clamp(0, 255).to(torch.uint8)


@torch.no_grad()
def predicted(network, images):
    """Masks of RGB images by the network itself, (N, H, W)."""
    data = network.data_preprocessor(dict(inputs=list(images.flip(1))))  # of BGR
    samples = network.predict(data['inputs'])
    return torch.cat([sample.pred_sem_seg.data for sample in samples])
