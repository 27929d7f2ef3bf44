"""The authors' ViTs as TransformersBackbone loads them: the same features."""

import authors_vits
import pytest
import torch
from mmseg.registry import MODELS

from mmseg_picie.checkpoints.convert_vits import convert_dinov2, convert_dinov3
from mmseg_picie.checkpoints.convert_weights import convert_weights
from mmseg_picie.errors import InputError

pytest.importorskip('transformers')

# Method, the authors' state, epsilon of the norms, tokens before the patches.
CASES = dict(
    dino=('dino', lambda: authors_vits.dino(), 1e-6, 1),
    dino16=('dino', lambda: authors_vits.dino(patch=16, grid=3), 1e-6, 1),
    dinov2=('dinov2', lambda: authors_vits.dinov2(), 1e-6, 1),
    dinov2_gated=('dinov2', lambda: authors_vits.dinov2(gated=True), 1e-6, 1),
    registers=('dinov2', lambda: authors_vits.dinov2(registers=4), 1e-6, 5),
    dinov3=('dinov3', lambda: authors_vits.dinov3(), 1e-5, 5),
    dinov3_gated=('dinov3', lambda: authors_vits.dinov3(gated=True), 1e-5, 5),
    dinov3_keys=('dinov3', lambda: authors_vits.dinov3(mask=False), 1e-5, 5),
)


def converted(method, state, tmp_path, wrap=lambda state: state):
    """The backbone that loads the converted file."""
    file, out = tmp_path / 'authors.pth', tmp_path / 'converted.pth'
    torch.save(wrap(state), file)
    settings = convert_weights(method, file, out).backbone
    backbone = MODELS.build(settings)
    backbone.init_weights()
    return backbone


@pytest.mark.parametrize('name', CASES)
@pytest.mark.parametrize('trained_size', [True, False])
def test_features_are_those_of_a_plain_forward(name, trained_size, tmp_path):
    torch.manual_seed(len(name))
    method, draw, eps, prefix = CASES[name]
    state = draw()
    patch = state['patch_embed.proj.weight'].shape[2]
    side = int((state['pos_embed'].shape[1] - 1) ** 0.5) if 'pos_embed' in state else 4
    rows, columns = (side, side) if trained_size else (3, 5)
    images = torch.randn(2, 3, rows * patch, columns * patch)
    (maps,) = converted(method, state, tmp_path)(images)
    antialias = name == 'registers'
    tokens, grid = authors_vits.tokens(state, images, eps, antialias)
    expected = tokens[:, prefix:].transpose(1, 2).reshape(2, -1, *grid)
    assert maps.shape == expected.shape
    assert torch.allclose(maps, expected, atol=1e-5)
    assert expected.std(dim=(2, 3)).min() > 0.01  # patches differ


def teacher(state):
    """As a training of DINO stores it, with the settings of its run."""
    from argparse import Namespace

    inner = {f'module.backbone.{name}': value for name, value in state.items()}
    inner['module.head.mlp.0.weight'] = torch.zeros(2)
    other = dict.fromkeys(inner, torch.zeros(1))
    return dict(student=other, teacher=inner, epoch=3, args=Namespace(arch='vit'))


WRAPS = dict(
    plain=lambda state: state,
    module=lambda state: {f'module.{k}': v for k, v in state.items()},
    backbone=lambda state: {f'backbone.{k}': v for k, v in state.items()},
    teacher=teacher,
    state_dict=lambda state: dict(state_dict=state, epoch=1),
    model=lambda state: dict(model={f'teacher.backbone.{k}': state[k] for k in state}),
    chunks=lambda state: {
        k.replace('blocks.', f'blocks.{int(k.split(".")[1]) // 2}.')
        if k.startswith('blocks.')
        else k: v
        for k, v in state.items()
    },
)


@pytest.mark.parametrize('wrap', WRAPS)
def test_wrappers_of_the_authors_files_are_taken_off(wrap, tmp_path):
    torch.manual_seed(0)
    state = authors_vits.dino()
    images = torch.randn(1, 3, 32, 32)
    (expected,) = converted('dino', state, tmp_path)(images)
    (maps,) = converted('dino', state, tmp_path, WRAPS[wrap])(images)
    assert torch.equal(maps, expected)


def test_the_settings_are_those_of_the_weights():
    gated = convert_dinov2(authors_vits.dinov2(gated=True, registers=4)).model
    assert gated['model_type'] == 'dinov2_with_registers'
    assert gated['use_swiglu_ffn'] and gated['num_register_tokens'] == 4
    plain = convert_dinov2(authors_vits.dinov2(grid=5)).model
    assert plain['image_size'] == 5 * 14 and plain['patch_size'] == 14
    assert plain['num_hidden_layers'] == authors_vits.DEPTH
    assert plain['num_attention_heads'] == authors_vits.HEADS
    assert plain['mlp_ratio'] == authors_vits.HIDDEN / authors_vits.SIZE


def without(name):
    return lambda state: {k: v for k, v in state.items() if k != name}


@pytest.mark.parametrize(
    'method, change, message',
    [
        ('dino', without('blocks.1.mlp.fc1.bias'), r'lacks vit\.layers\.1\.mlp\.fc1'),
        ('dino', without('cls_token'), 'no ViT by the names of DINO: it lacks cls_tok'),
        ('dino', without('pos_embed'), 'position embeddings of -1 patches'),
        ('dino', lambda s: s | {'rel_pos': torch.zeros(1)}, 'has rel_pos, which such'),
        (
            'dino',
            lambda s: s | {'norm.bias': torch.zeros(3)},
            r'has in another shape vit\.layernorm\.bias \(1 in all\)',
        ),
        (
            'dino',
            lambda s: s | {'pos_embed': torch.zeros(1, 12, 128)},
            'position embeddings of 11 patches, expected those of a square',
        ),
        ('dinov2', lambda s: s, r'is not of a ViT of DINOv2: it lacks .*layer_scale'),
        ('dinov3', lambda s: s, 'has pos_embed, which such a ViT has not'),
        ('moco', lambda s: s, 'is no ResNet-50 by the names of moco'),
    ],
)
def test_what_does_not_fit_is_refused(method, change, message, tmp_path):
    with pytest.raises(InputError, match=message):
        converted(method, authors_vits.dino(), tmp_path, change)
    assert not (tmp_path / 'converted.pth').exists()


def test_other_periods_are_refused():
    state = authors_vits.dinov3()
    state['rope_embed.periods'] = state['rope_embed.periods'] * 1.1
    with pytest.raises(InputError, match='not those of base 100'):
        convert_dinov3(state)


def test_the_file_itself_is_not_overwritten(tmp_path):
    file = tmp_path / 'dino.pth'
    torch.save(authors_vits.dino(), file)
    with pytest.raises(InputError, match='out must be another file than the weights'):
        convert_weights('dino', file, file)
