"""ViTs of transformers as backbones: their tokens, keys and attention, as maps."""

import pytest
import torch
from mmengine.config import ConfigDict
from mmseg.registry import MODELS
from vit_models import PREFIX, VITS

from mmseg_picie.errors import InputError
from mmseg_picie.models.channels import backbone_channels

transformers = pytest.importorskip('transformers')


def backbone(kind='vit', model=None, **options):
    torch.manual_seed(0)
    model = VITS[kind] if model is None else model
    config = dict(type='TransformersBackbone', model=model, **options)
    built = MODELS.build(config)
    with torch.no_grad():  # as after a training: no part is zero or one
        for parameter in built.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return built


def images(built, rows=5, columns=7, seed=1):
    generator = torch.Generator().manual_seed(seed)
    patch = built.patch_size
    return torch.randn(2, 3, rows * patch, columns * patch, generator=generator)


def outputs(built, pictures, **options):
    """What transformers' own network gives."""
    if built.vit.config.model_type == 'vit':
        options['interpolate_pos_encoding'] = True
    return built.vit(pictures, output_hidden_states=True, **options)


@pytest.mark.parametrize('kind', VITS)
def test_maps_are_the_patch_tokens_in_their_places(kind):
    built = backbone(kind)
    pictures = images(built)
    (maps,) = built(pictures)
    tokens = outputs(built, pictures).last_hidden_state
    assert maps.shape == (2, 32, 5, 7)
    assert tokens.shape[1] == PREFIX[kind] + 35
    for row, column in ((0, 0), (2, 5), (4, 6)):
        expected = tokens[:, PREFIX[kind] + 7 * row + column]
        assert torch.allclose(maps[:, :, row, column], expected, atol=1e-6)


@pytest.mark.parametrize('kind', VITS)
@pytest.mark.parametrize('norm', [True, False])
def test_chosen_blocks_give_their_tokens(kind, norm):
    built = backbone(kind, out_indices=(0, -1), norm=norm)
    assert built.out_indices == [0, 2]
    pictures = images(built)
    states = outputs(built, pictures).hidden_states
    last = getattr(built.vit, 'layernorm', None) or built.vit.norm
    for maps, tokens in zip(built(pictures), (states[1], states[3]), strict=True):
        tokens = last(tokens) if norm else tokens
        expected = tokens[:, PREFIX[kind] :].transpose(1, 2).reshape(2, 32, 5, 7)
        assert torch.allclose(maps, expected, atol=1e-6)


@pytest.mark.parametrize('kind', VITS)
def test_keys_are_those_of_the_attention(kind):
    built = backbone(kind, features='keys', out_indices=(0, 2))
    pictures = images(built)
    seen = {}
    for name, module in built.vit.named_modules():
        if name.endswith('k_proj'):
            module.register_forward_hook(
                lambda _, __, output, name=name: seen.setdefault(name, output)
            )
    outputs(built, pictures)
    keys = [list(seen.values())[index][:, PREFIX[kind] :] for index in (0, 2)]
    assert len(seen) == 3
    for maps, expected in zip(built(pictures), keys, strict=True):
        expected = expected.transpose(1, 2).reshape(2, 32, 5, 7)
        assert torch.allclose(maps, expected, atol=1e-6)


@pytest.mark.parametrize('kind', VITS)
def test_attention_of_the_class_token_is_the_softmax_of_its_products(kind):
    built = backbone(kind)
    pictures = images(built)
    found = built.cls_attention(pictures)
    assert found.shape == (2, 2, 5, 7)
    built.vit.set_attn_implementation('eager')
    expected = outputs(built, pictures, output_attentions=True).attentions[-1]
    assert torch.allclose(found.flatten(2), expected[:, :, 0, PREFIX[kind] :])
    rest = expected[:, :, 0, : PREFIX[kind]].sum(2)
    total = found.sum((2, 3)) + rest
    assert torch.allclose(total, torch.ones(2, 2), atol=1e-5)
    assert (rest > 0).all()


def test_other_implementation_of_attention_comes_back():
    built = backbone()
    before = built.vit.config._attn_implementation
    built.cls_attention(images(built))
    assert built.vit.config._attn_implementation == before != 'eager'


@pytest.mark.parametrize('kind', VITS)
def test_images_of_any_size_are_enlarged_to_whole_patches(kind):
    built = backbone(kind)
    patch = built.patch_size
    picture = images(built, 3, 4)[:, :, 1:, :-3]
    enlarged = torch.nn.functional.interpolate(
        picture, (3 * patch, 4 * patch), mode='bilinear', align_corners=False
    )
    assert torch.allclose(built(picture)[0], built(enlarged)[0], atol=1e-6)
    assert built.cls_attention(picture).shape[2:] == (3, 4)


def test_images_of_other_sizes_are_refused_on_demand():
    built = backbone(other_sizes='refuse')
    assert built(torch.zeros(1, 3, 16, 24))[0].shape[2:] == (2, 3)
    with pytest.raises(InputError, match='16 x 25 px: both sides must be multiples of'):
        built(torch.zeros(1, 3, 16, 25))


@pytest.mark.parametrize('kind', VITS)
def test_a_smaller_depth_of_output_builds_fewer_blocks(kind):
    whole, part = backbone(kind), backbone(kind, out_indices=(1,))
    missing, unexpected = part.load_state_dict(whole.state_dict(), strict=False)
    assert missing == [] and unexpected
    pictures = images(whole)
    states = outputs(whole, pictures).hidden_states
    last = getattr(whole.vit, 'layernorm', None) or whole.vit.norm
    tokens = last(states[2])[:, PREFIX[kind] :]
    expected = tokens.transpose(1, 2).reshape(2, 32, 5, 7)
    assert torch.allclose(part(pictures)[0], expected, atol=1e-6)


@pytest.mark.parametrize('kind', VITS)
def test_channels_are_known(kind):
    assert backbone_channels(backbone(kind, out_indices=(0, 1))) == [32, 32]
    refusing = backbone(kind, other_sizes='refuse')
    assert backbone_channels(refusing) == [32]


def test_frozen_keeps_weights_and_mode():
    built = backbone(frozen=True).train()
    assert not any(module.training for module in built.vit.modules())
    assert not any(p.requires_grad for p in built.parameters())
    assert not built(images(built))[0].requires_grad


@pytest.mark.parametrize('norm', [True, False])
@pytest.mark.parametrize('kind', VITS)
def test_trained_gives_each_weight_that_it_trains_a_gradient(kind, norm):
    built = backbone(kind, frozen=False, norm=norm).train()
    assert built.vit.training
    built(images(built))[0].square().sum().backward()
    parts = dict(built.named_parameters())
    idle = {n for n, p in parts.items() if p.requires_grad and p.grad is None}
    assert idle == set()
    still = {n for n, p in parts.items() if not p.requires_grad}
    assert all('mask_token' in n or 'norm' in n for n in still)
    assert len(still) == 2 * (not norm) + (kind != 'vit')


def test_a_folder_gives_architecture_and_weights(tmp_path):
    config = transformers.AutoConfig.for_model(**VITS['dinov2'])
    torch.manual_seed(3)
    vit = transformers.AutoModel.from_config(config).eval()
    vit.save_pretrained(tmp_path)
    built = backbone(model=str(tmp_path))
    built.init_weights()
    pictures = images(built)
    tokens = vit(pictures).last_hidden_state[:, 1:]
    expected = tokens.transpose(1, 2).reshape(2, 32, 5, 7)
    assert torch.allclose(built(pictures)[0], expected, atol=1e-6)
    other = backbone('dinov2', init_cfg=pretrained(f'transformers://{tmp_path}'))
    other.init_weights()
    assert torch.equal(other(pictures)[0], built(pictures)[0])


def pretrained(checkpoint):
    return dict(type='Pretrained', checkpoint=checkpoint)


@pytest.mark.parametrize('change', [dict(image_size=64), dict(intermediate_size=80)])
def test_weights_of_another_architecture_are_refused(change, tmp_path):
    file = tmp_path / 'vit.pth'
    torch.save(backbone().state_dict(), file)
    fitting = backbone(init_cfg=pretrained(str(file)))
    fitting.init_weights()
    other = backbone(model=dict(VITS['vit'], **change), init_cfg=pretrained(str(file)))
    with pytest.raises(InputError, match='weights are not those of this ViT'):
        other.init_weights()


@pytest.mark.parametrize(
    'model, message',
    [
        (dict(model_type='absent'), 'is no configuration of transformers'),
        (
            dict(VITS['vit'], hiden_size=3),
            'has hiden_size, which the conf.* vit has',
        ),
        (
            dict(VITS['vit'], patch_size='8'),
            'is no configuration of transformers: Vali',
        ),
        (dict(model_type='vit_mae'), 'of the type vit_mae, which is no ViT whose'),
        (dict(model_type='resnet'), 'of the type resnet, which is no ViT whose'),
    ],
)
def test_what_is_no_vit_is_refused(model, message):
    with pytest.raises(InputError, match=message):
        backbone(model=model)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(InputError, match='is no folder with a model of transformers'):
        backbone(model=str(tmp_path))
    built = backbone(init_cfg=pretrained(f'transformers://{tmp_path}'))
    with pytest.raises(InputError, match='is no folder with a model of transformers'):
        built.init_weights()


@pytest.mark.parametrize('blocks', [(), (1, 0), (0, 0), (3,), (-4,), 2, ('last',)])
def test_blocks_that_are_not_there_are_refused(blocks):
    with pytest.raises(InputError, match=r'out_indices must be ascending numbers'):
        backbone(out_indices=blocks)


@pytest.mark.parametrize(
    'options', [dict(features='values'), dict(other_sizes='pad'), dict(frozen=False)]
)
def test_unknown_options_are_refused(options):
    options = dict(features='keys') | options
    with pytest.raises(InputError, match=r'backbone\.(features|other_sizes)'):
        backbone(**options)


def test_a_missing_package_is_named_with_the_command(monkeypatch):
    from mmseg_picie.models.backbones import installed

    monkeypatch.setitem(installed.WRAPPERS, 'TransformersBackbone', 'absent_package')
    with pytest.raises(InputError, match='pip install absent_package$'):
        backbone()


def test_a_config_of_mmengine_is_a_dict_too():
    built = backbone(model=ConfigDict(VITS['vit']))
    assert built(images(built))[0].shape == (2, 32, 5, 7)


@pytest.mark.parametrize('kind', ['deit', 'ijepa', 'vit_msn'])
def test_other_vits_give_maps(kind):
    built = backbone(model=dict(VITS['vit'], model_type=kind))
    pictures = images(built)
    tokens = outputs(built, pictures, interpolate_pos_encoding=True).last_hidden_state
    expected = tokens[:, -35:].transpose(1, 2).reshape(2, 32, 5, 7)
    assert torch.equal(built(pictures)[0], expected)
