"""What differs between the ViTs of ``transformers``, in one place."""

import inspect
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from ...errors import InputError
from .position_embeddings import make_exportable, stretch_positions

WEIGHTS_PREFIX = 'transformers://'  # of `init_cfg.checkpoint`
NORMS = ('layernorm', 'norm', 'post_layernorm')  # after the last block
FIRST_NORMS = ('layernorm_before', 'norm1', 'layer_norm1')  # before the attention
KEYS = ('k_proj', 'key')
STRETCHED = ('vit', 'dinov2')  # what the authors' code stretches
# Its patches leave the network in a random order.
SHUFFLED = ('vit_mae',)


def model_config(model: str | Mapping) -> Any:
    """The configuration of a model, a ``PretrainedConfig`` of ``transformers``.

    Args:
        model: A dict with ``model_type``, or a folder or name.

    Raises:
        InputError: If there is no such model, a field is unknown, or it is no ViT.
    """
    from huggingface_hub.errors import StrictDataclassError
    from transformers import AutoConfig

    if isinstance(model, Mapping):
        fields = dict(model)
        kind = fields.pop('model_type', None)
        try:
            config = AutoConfig.for_model(kind, **fields)
        except (ValueError, TypeError, StrictDataclassError) as error:
            raise InputError(
                f'backbone.model={dict(model)} is no configuration of transformers: '
                f'{first_line(error)}'
            ) from error
        known = type(config)().to_dict()
        unknown = [name for name in fields if name not in known]
        if unknown:
            raise InputError(
                f'backbone.model has {", ".join(unknown)}, which the configuration of '
                f'{kind} has not'
            )
    else:
        try:
            config = AutoConfig.from_pretrained(model)
        except (OSError, ValueError) as error:
            raise InputError(
                f'backbone.model={model!r} is no folder with a model of transformers '
                f'and no name that the hub gives: {first_line(error)}'
            ) from error
    _check_vit(config)
    return config


def build_vit(config: Any, position_offset: float = 0.0) -> nn.Module:
    """A ViT with random weights and without what comes after its tokens.

    The attribute ``image_arguments`` holds what its ``forward`` needs for images of
    any size.

    Args:
        config: As :func:`model_config` gives it.
        position_offset: As of ``TransformersBackbone``.

    Raises:
        InputError: If the ViT has no positions that can be stretched.
    """
    from transformers import AutoModel

    vit = AutoModel.from_config(config)
    if isinstance(getattr(vit, 'pooler', None), nn.Module):
        vit.pooler = None
    for name, parameter in vit.named_parameters():
        if name.endswith('mask_token'):  # for masked images, which there are none of
            parameter.requires_grad_(False)
    if config.model_type == 'dinov2_with_registers':
        make_exportable(vit.embeddings)
    if position_offset:
        if config.model_type not in STRETCHED:
            raise InputError(
                f'backbone.position_offset={position_offset} is for '
                f'{" and ".join(STRETCHED)}, the model is {config.model_type}: set it '
                'to 0'
            )
        stretch_positions(vit.embeddings, position_offset)
    known = inspect.signature(vit.forward).parameters
    resizes = 'interpolate_pos_encoding' in known
    vit.image_arguments = dict(interpolate_pos_encoding=True) if resizes else {}
    return vit


def final_norm(vit: nn.Module) -> nn.Module:
    """The LayerNorm after the last block."""
    return _part(vit, NORMS)


def block_list(vit: nn.Module) -> nn.ModuleList:
    """The blocks, first to last."""
    lists = [
        module
        for module in vit.modules()
        if isinstance(module, nn.ModuleList)
        and len(module) == vit.config.num_hidden_layers
    ]
    if len(lists) != 1:
        raise InputError(f'{type(vit).__name__} has no list of blocks that is known')
    return lists[0]


def keys_of(block: nn.Module, tokens: Tensor) -> Tensor:
    """Keys of a block's attention, of the tokens before it, (N, T, D) both."""
    layers = dict(block.named_modules())
    names = [name for name in layers if name.rpartition('.')[2] in KEYS]
    if len(names) != 1:
        raise InputError(f'{type(block).__name__} has no layer of keys that is known')
    return layers[names[0]](_part(block, FIRST_NORMS)(tokens))


def first_line(error: Exception) -> str:
    """The first line of what a library says, without its full stop."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip('.') if lines else type(error).__name__


def _part(module: nn.Module, names: tuple[str, ...]) -> nn.Module:
    for name in names:
        if isinstance(getattr(module, name, None), nn.Module):
            return getattr(module, name)
    raise InputError(
        f'{type(module).__name__} has no layer {" or ".join(names)}: it is no ViT that '
        'TransformersBackbone knows'
    )


def _check_vit(config: Any) -> None:
    kind = config.model_type
    fields = ('patch_size', 'num_hidden_layers', 'num_attention_heads', 'hidden_size')
    if kind in SHUFFLED or not all(
        isinstance(getattr(config, name, None), int) for name in fields
    ):
        raise InputError(
            f'backbone.model is of the type {kind}, which is no ViT whose tokens are a '
            'map of square patches'
        )
