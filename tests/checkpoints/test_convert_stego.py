"""A checkpoint by the names of STEGO's authors predicts as their formula says."""

import authors_vits
import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS

from mmseg_picie.checkpoints.convert_stego import (
    convert_stego,
    convert_stego_checkpoint,
)
from mmseg_picie.errors import InputError

pytest.importorskip('transformers')
SIZE, CODES, CLUSTERS, CLASSES = authors_vits.SIZE, 10, 6, 5


@pytest.fixture
def state():
    """As Lightning stores it, with parts that only training needs."""
    torch.manual_seed(0)
    vit = authors_vits.dino()
    layers = {
        'net.cluster1.0': (CODES, SIZE, 1, 1),
        'net.cluster2.0': (SIZE, SIZE, 1, 1),
        'net.cluster2.2': (CODES, SIZE, 1, 1),
        'linear_probe': (CLASSES, CODES, 1, 1),
        'decoder': (SIZE, CODES, 1, 1),
    }
    state = {f'net.model.{name}': value for name, value in vit.items()}
    for name, shape in layers.items():
        state[f'{name}.weight'] = 0.2 * torch.randn(shape)
        state[f'{name}.bias'] = 0.2 * torch.randn(shape[0])
    state['cluster_probe.clusters'] = torch.randn(CLUSTERS, CODES)
    state['train_cluster_probe.clusters'] = torch.randn(CLUSTERS, CODES)
    return state


def authors_scores(state, images):
    """Cosines of the codes with the clusters, (N, K, h, w)."""
    vit = {k.removeprefix('net.model.'): v for k, v in state.items() if 'model' in k}
    tokens, grid = authors_vits.tokens(vit, images, 1e-6)
    maps = tokens[:, 1:].transpose(1, 2).reshape(len(images), SIZE, *grid)

    def layer(name, x):
        return F.conv2d(x, state[f'{name}.weight'], state[f'{name}.bias'])

    hidden = layer('net.cluster2.0', maps).relu()
    codes = layer('net.cluster1.0', maps) + layer('net.cluster2.2', hidden)
    clusters = F.normalize(state['cluster_probe.clusters'], dim=1)
    return torch.einsum('ndhw,kd->nkhw', F.normalize(codes, dim=1), clusters)


@pytest.mark.skipif('ProbeHead' not in MODELS, reason='there is no STEGO')
def test_the_converted_network_scores_as_the_authors_formula(state, tmp_path):
    file, out = tmp_path / 'stego.ckpt', tmp_path / 'out.pth'
    torch.save(dict(state_dict=state, epoch=3, optimizer_states=[{}]), file)
    settings = convert_stego_checkpoint(file, out).model
    init_default_scope('mmseg')
    settings['data_preprocessor'] = dict(
        type='ViewsDataPreProcessor', mean=[0] * 3, std=[1] * 3
    )
    model = MODELS.build(dict(type='ClusterSegmentor', **settings)).eval()
    loaded = torch.load(out, weights_only=True)
    model.load_state_dict(loaded['state_dict'])
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        scores = model.decode_head(model.extract_feat(images))
    assert torch.allclose(scores, authors_scores(state, images), atol=1e-5)
    assert model.decode_head.is_fitted
    assert (model.decode_head.cluster_to_class == -1).all()


def test_names_say_which_part_is_which(state):
    converted = convert_stego(state)
    renamed = converted.state_dict
    parts = {name.partition('.')[0] for name in renamed}
    assert parts == {'backbone', 'neck', 'decode_head'}
    for ours, theirs in (
        ('neck.linear', 'net.cluster1.0'),
        ('neck.nonlinear.0', 'net.cluster2.0'),
        ('neck.nonlinear.2', 'net.cluster2.2'),
    ):
        for kind in ('weight', 'bias'):
            assert torch.equal(renamed[f'{ours}.{kind}'], state[f'{theirs}.{kind}'])
    clusters = renamed['decode_head.classifier.weight']
    assert torch.equal(clusters[..., 0, 0], state['cluster_probe.clusters'])
    assert torch.equal(converted.linear_probe['bias'], state['linear_probe.bias'])
    assert converted.model['neck']['out_channels'] == CODES
    assert converted.model['decode_head']['num_clusters'] == CLUSTERS
    backbone = MODELS.build(converted.model['backbone'])
    weights = {
        k.removeprefix('backbone.'): v for k, v in renamed.items() if 'backbone' in k
    }
    backbone.load_state_dict(weights)  # strictly


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda s: {'model.a': torch.ones(1)}, 'no checkpoint of STEGO: it lacks net'),
        (
            lambda s: {k: v for k, v in s.items() if k != 'cluster_probe.clusters'},
            'no checkpoint of STEGO: it lacks cluster_probe.clusters',
        ),
        (
            lambda s: {k: v for k, v in s.items() if 'cluster2' not in k},
            r'not of the projection of STEGO: it lacks cluster2\.0\.bias',
        ),
        (
            lambda s: s | {'net.cluster1.0.bias': torch.ones(3)},
            r'it has in another shape cluster1\.0\.bias',
        ),
        (
            lambda s: {k: v for k, v in s.items() if 'net.model' not in k},
            'is no ViT by the names of DINO',
        ),
    ],
)
def test_other_files_are_refused(change, message, state):
    with pytest.raises(InputError, match=message):
        convert_stego(change(state))
