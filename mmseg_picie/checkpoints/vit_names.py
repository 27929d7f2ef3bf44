"""Names of ViTs: the authors' of DINO, DINOv2 and DINOv3, and those of transformers.

The authors keep queries, keys and values in one layer, ``transformers`` in three.
"""

import re
from dataclasses import dataclass

from torch import Tensor

from ..errors import InputError
from .foreign_files import without_wrappers

State = dict[str, Tensor]
BLOCK = re.compile(r'blocks\.(?:\d+\.)?(\d+)\.(.+)')  # maybe in chunks
QKV = re.compile(r'attn\.qkv\.(weight|bias)')
HEADS = ('head', 'dino_head', 'ibot_head')
NEEDED = ('cls_token', 'patch_embed.proj.weight', 'blocks.0.norm1.weight')


@dataclass(frozen=True)
class Names:
    """Names of ``transformers`` for those of the authors, without weight and bias."""

    blocks: str
    top: dict[str, str]
    block: dict[str, str]
    unused: tuple[str, ...] = HEADS


IN_BLOCK = {
    'norm1': 'norm1',
    'norm2': 'norm2',
    'attn.proj': 'attention.o_proj',
    'mlp.fc1': 'mlp.fc1',
    'mlp.fc2': 'mlp.fc2',
    'ls1.gamma': 'layer_scale1.lambda1',
    'ls2.gamma': 'layer_scale2.lambda1',
}
TOP = {
    'cls_token': 'embeddings.cls_token',
    'pos_embed': 'embeddings.position_embeddings',
    'patch_embed.proj': 'embeddings.patch_embeddings.projection',
    'norm': 'layernorm',
}
DINO = Names(
    'layers',
    TOP,
    {**IN_BLOCK, 'norm1': 'layernorm_before', 'norm2': 'layernorm_after'},
)
DINOV2 = Names(
    'encoder.layer',
    {**TOP, 'register_tokens': 'embeddings.register_tokens'},
    {
        **IN_BLOCK,
        'mlp.w1': 'mlp.gate_proj',
        'mlp.w2': 'mlp.up_proj',
        'mlp.w3': 'mlp.down_proj',
    },
)
DINOV3 = Names(
    'model.layer',
    {
        'cls_token': 'embeddings.cls_token',
        'storage_tokens': 'embeddings.register_tokens',
        'mask_token': 'embeddings.mask_token',
        'patch_embed.proj': 'embeddings.patch_embeddings',
        'norm': 'norm',
    },
    {
        **DINOV2.block,
        'mlp.fc1': 'mlp.up_proj',
        'mlp.fc2': 'mlp.down_proj',
    },
    # The other norms are those of the class token and of crops in training.
    (*HEADS, 'cls_norm', 'local_cls_norm', 'rope_embed'),
)


def vit_state(state: State, source: str, what: str) -> State:
    """The tensors of a ViT by the authors' names, float32, in no chunks or wrappers.

    Args:
        state: As the file holds it.
        source: The file, for messages.
        what: What the ViT is called.

    Raises:
        InputError: If it is no ViT.
    """
    state = without_wrappers(state)
    flat = {BLOCK.sub(r'blocks.\1.\2', name): value for name, value in state.items()}
    missing = [name for name in NEEDED if name not in flat]
    if missing:
        raise InputError(
            f'{source} is no ViT by the names of {what}: it lacks '
            f'{", ".join(missing)}; its names begin with {", ".join(list(state)[:3])}'
        )
    return split_gates({name: value.float() for name, value in flat.items()})


def split_gates(state: State) -> State:
    """The two halves of ``mlp.w12`` as the layers that they are."""
    split = {}
    for name, value in state.items():
        if '.mlp.w12.' in name:
            gate, up = value.chunk(2)
            split[name.replace('w12', 'w1')] = gate
            split[name.replace('w12', 'w2')] = up
        else:
            split[name] = value
    return split


def renamed_state(
    state: State, names: Names, source: str, key_bias: bool = True
) -> State:
    """Tensors of :func:`vit_state` by the names of ``TransformersBackbone``.

    Args:
        state: By the authors' names.
        names: The names of ``transformers`` for them.
        source: The file, for messages.
        key_bias: Whether the keys have a bias.

    Raises:
        InputError: If there is a name that such a ViT has not.
    """
    renamed = {}
    for name, value in state.items():
        found = BLOCK.fullmatch(name)
        if found:
            prefix, part = f'vit.{names.blocks}.{found[1]}.', found[2]
            qkv = QKV.fullmatch(part)
            if qkv:
                mask = state.get(f'{name}_mask')
                value = value if mask is None else value * mask
                for layer, third in zip('qkv', value.chunk(3), strict=True):
                    if (layer, qkv[1]) != ('k', 'bias') or key_bias:
                        renamed[f'{prefix}attention.{layer}_proj.{qkv[1]}'] = third
            elif part != 'attn.qkv.bias_mask':
                renamed[prefix + _lookup(part, names.block, name, source)] = value
        elif name.partition('.')[0] not in names.unused:
            renamed[f'vit.{_lookup(name, names.top, name, source)}'] = value
    return {name: value.clone() for name, value in renamed.items()}


def _lookup(part: str, table: dict[str, str], name: str, source: str) -> str:
    if part in table:
        return table[part]
    layer, _, kind = part.rpartition('.')
    if layer not in table:
        raise InputError(f'{source} has {name}, which such a ViT has not')
    return f'{table[layer]}.{kind}'
