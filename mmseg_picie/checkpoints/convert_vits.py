"""The authors' weights of DINO, DINOv2 and DINOv3 for TransformersBackbone."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..errors import InputError
from ..models import TransformersBackbone
from .foreign_files import check_names, without_wrappers
from .vit_names import BLOCK, DINO, DINOV2, DINOV3, State, renamed_state, vit_state

HEAD_SIZE = 64  # of every released ViT up to DINOv3's 7B, which has 128
PERIODS, PERIOD_BASE = 'rope_embed.periods', 100.0
# Whose code stretches position embeddings, and by what part of a patch.
STRETCHED, OFFSET = ('vit', 'dinov2'), 0.1
ROUNDING = 0.01  # of periods that were kept in bfloat16


@dataclass(frozen=True)
class ConvertedVit:
    """A ViT by the names of ``TransformersBackbone``.

    Attributes:
        weights: Tensors by name.
        model: The argument ``model`` of the backbone that they are for.
        position_offset: Likewise.
    """

    weights: State
    model: dict
    position_offset: float = 0.0

    @property
    def backbone(self) -> dict:
        """Config of the backbone."""
        settings = dict(type='TransformersBackbone', model=self.model)
        if self.position_offset:
            settings['position_offset'] = self.position_offset
        return settings


def is_vit(state: State) -> bool:
    """Whether tensors are those of a ViT by the authors' names, rather than a CNN."""
    return 'patch_embed.proj.weight' in without_wrappers(state)


def convert_dino(state: State, source: str = 'the file') -> ConvertedVit:
    """DINO v1 (Caron et al., ICCV 2021): ``ViTModel``.

    Args:
        state: ``cls_token``, ``pos_embed``, ``patch_embed.proj``, ``blocks.N.attn.qkv``
            and so on, maybe behind ``module.`` and ``backbone.``, and beside heads.
        source: The file, for messages.

    Raises:
        InputError: If it is anything else.
    """
    state = vit_state(state, source, 'DINO')
    size, patch, depth = _sizes(state)
    model = dict(
        model_type='vit',
        hidden_size=size,
        num_hidden_layers=depth,
        num_attention_heads=_heads(size, HEAD_SIZE, source),
        intermediate_size=_first(state, 'mlp.fc1.weight', size),
        patch_size=patch,
        image_size=_image_size(state, patch, source),
        qkv_bias='blocks.0.attn.qkv.bias' in state,
        layer_norm_eps=1e-6,
    )
    return _checked(renamed_state(state, DINO, source), model, source, 'a ViT of DINO')


def convert_dinov2(state: State, source: str = 'the file') -> ConvertedVit:
    """DINOv2 with or without registers (Oquab et al.; Darcet et al., 2024).

    Args:
        state: As DINO's, with ``ls1.gamma``, ``mask_token`` and maybe
            ``register_tokens`` and ``mlp.w12``.
        source: The file, for messages.

    Raises:
        InputError: If it is anything else.
    """
    state = vit_state(state, source, 'DINOv2')
    size, patch, depth = _sizes(state)
    gated = 'blocks.0.mlp.w3.weight' in state
    hidden = _first(state, 'mlp.fc1.weight', size)
    model = dict(
        model_type='dinov2',
        hidden_size=size,
        num_hidden_layers=depth,
        num_attention_heads=_heads(size, HEAD_SIZE, source),
        # A gated layer has two thirds of this, rounded up.
        mlp_ratio=4 if gated else round(hidden / size),
        use_swiglu_ffn=gated,
        patch_size=patch,
        image_size=_image_size(state, patch, source),
        qkv_bias='blocks.0.attn.qkv.bias' in state,
        layer_norm_eps=1e-6,
    )
    names = DINOV2
    if 'register_tokens' in state:
        model['model_type'] += '_with_registers'
        model['num_register_tokens'] = state['register_tokens'].shape[1]
        masked = {**names.top, 'mask_token': 'embeddings.mask_token'}
        names = replace(names, top=masked)
    else:
        model['use_mask_token'] = False
        state.pop('mask_token', None)
    return _checked(
        renamed_state(state, names, source), model, source, 'a ViT of DINOv2'
    )


def convert_dinov3(state: State, source: str = 'the file') -> ConvertedVit:
    """DINOv3's ViTs (Simeoni et al., 2025).

    Args:
        state: As DINOv2's, with ``storage_tokens`` in place of registers, no position
            embeddings but ``rope_embed.periods``, and maybe ``attn.qkv.bias_mask``,
            which takes out the bias of the keys.
        source: The file, for messages.

    Raises:
        InputError: If it is anything else, or the periods are those of another base
            than the released models'.
    """
    state = vit_state(state, source, 'DINOv3')
    size, patch, depth = _sizes(state)
    periods = state.get(PERIODS)
    head_size = HEAD_SIZE if periods is None else 4 * len(periods)
    if periods is not None:
        _check_periods(periods.float(), source)
    masked = 'blocks.0.attn.qkv.bias_mask' in state
    biased = 'blocks.0.attn.qkv.bias' in state
    gated = 'blocks.0.mlp.w3.weight' in state
    first = 'mlp.w1.weight' if gated else 'mlp.fc1.weight'
    model = dict(
        model_type='dinov3_vit',
        hidden_size=size,
        num_hidden_layers=depth,
        num_attention_heads=_heads(size, head_size, source),
        intermediate_size=_first(state, first, size),
        use_gated_mlp=gated,
        hidden_act='silu' if gated else 'gelu',
        patch_size=patch,
        num_register_tokens=_first(state, 'storage_tokens', size, axis=1)
        if 'storage_tokens' in state
        else 0,
        query_bias=biased,
        key_bias=biased and not masked,
        value_bias=biased,
        rope_theta=PERIOD_BASE,
        layer_norm_eps=1e-5,
    )
    if 'mask_token' in state:
        state['mask_token'] = state['mask_token'].reshape(1, 1, -1)
    weights = renamed_state(state, DINOV3, source, key_bias=model['key_bias'])
    return _checked(weights, model, source, 'a ViT of DINOv3')


def _sizes(state: State) -> tuple[int, int, int]:
    """Embedding size, side of a patch and number of blocks."""
    size, _, patch, _ = state['patch_embed.proj.weight'].shape
    numbers = [int(m[1]) for m in map(BLOCK.fullmatch, state) if m]
    return size, patch, max(numbers) + 1


def _heads(size: int, head_size: int, source: str) -> int:
    if size % head_size:
        raise InputError(
            f'{source} has an embedding of {size}, no multiple of {head_size}: the '
            'number of heads is not known'
        )
    return size // head_size


def _first(state: State, name: str, default: int, axis: int = 0) -> int:
    """A size of a layer in the first block, or of a tensor beside the blocks."""
    value = state.get(f'blocks.0.{name}', state.get(name))
    return default if value is None else value.shape[axis]


def _image_size(state: State, patch: int, source: str) -> int:
    """Side of the images that the position embeddings are for."""
    positions = state['pos_embed'].shape[1] - 1 if 'pos_embed' in state else -1
    side = math.isqrt(max(positions, 0))
    if side * side != positions:
        raise InputError(
            f'{source} has position embeddings of {positions} patches, expected those '
            'of a square image (pos_embed)'
        )
    return side * patch


def _check_periods(periods: Tensor, source: str) -> None:
    count = len(periods)
    expected = PERIOD_BASE ** (torch.arange(count) / count)
    if not torch.allclose(periods, expected, rtol=ROUNDING, atol=0):
        raise InputError(
            f'{source}: {PERIODS} are not those of base {PERIOD_BASE:g}, which the '
            f'released models have: {periods[:4].tolist()}'
        )


def _checked(weights: State, model: dict, source: str, what: str) -> ConvertedVit:
    with torch.device('meta'):
        expected = TransformersBackbone(model).state_dict()
    check_names(source, expected, weights, what)
    stretched = model['model_type'] in STRETCHED
    return ConvertedVit(weights, model, OFFSET if stretched else 0.0)


VITS: dict[str, Callable[..., ConvertedVit]] = dict(
    dino=convert_dino, dinov2=convert_dinov2, dinov3=convert_dinov3
)
