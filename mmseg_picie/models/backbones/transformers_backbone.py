"""Vision transformers of the library ``transformers``."""

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError, check_choice, check_least
from .installed import check_backbone_package
from .transformers_models import (
    WEIGHTS_PREFIX,
    block_list,
    build_vit,
    final_norm,
    keys_of,
    model_config,
)

FEATURES = ('tokens', 'keys')
OTHER_SIZES = ('resize', 'refuse')


@MODELS.register_module()
class TransformersBackbone(BaseModule):
    """The patch tokens of a ViT as maps (DINO v1, DINOv2, DINOv3 and others).

    The class and registers' tokens are left out. Images of any size pass, since the
    position embeddings are interpolated. Blocks after the last given one are not built.

    Images are RGB, normalized as in the training of the weights: for all DINO weights
    ``mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]``.

    Args:
        model: What to build: a dict with ``model_type`` ('vit' for DINO v1, 'dinov2',
            'dinov2_with_registers', 'dinov3_vit' and other ViTs) and the fields of its
            configuration; or a local folder or a name of the Hugging Face hub, which
            give configuration and weights. A checkpoint of a run with a dict needs
            nothing else to be loaded; with a name it needs the folder, or the hub.
        out_indices: Blocks whose output is given, ascending; -1 is the last.
        features: 'tokens' (default; what the block gives) or 'keys' (the keys of its
            attention, all heads, before any rotary embedding), for frozen networks.
        norm: Whether the final LayerNorm is applied to the tokens of every given
            block, as DINO and DINOv2 do (default).
        frozen: Whether the network keeps its weights and evaluation mode (default).
        other_sizes: Images with a side that is no multiple of the patch are enlarged
            to the next multiples by bilinear interpolation ('resize', default), so
            that the grid covers the image exactly, or refused ('refuse'). Padding
            would move every cell against the image.
        position_offset: What is added to the number of patches in a row before
            position embeddings are interpolated: 0.0 (default, as in ``transformers``)
            or 0.1 as in the authors' code of DINO and of DINOv2 without registers. At
            the size of the training it has no effect.
        init_cfg: mmengine initialization: ``dict(type='Pretrained', checkpoint=...)``
            with a file that ``mmseg-picie convert`` wrote, or
            'transformers://FOLDER_OR_NAME'. By default random weights for a dict, and
            those of the folder or name otherwise.

    Raises:
        InputError: If ``transformers`` is not installed, an option is out of range, or
            the model is no ViT.
    """

    def __init__(
        self,
        model: str | dict,
        out_indices: Sequence[int] = (-1,),
        features: str = 'tokens',
        norm: bool = True,
        frozen: bool = True,
        other_sizes: str = 'resize',
        position_offset: float = 0.0,
        init_cfg: dict | list | None = None,
    ) -> None:
        check_backbone_package(dict(type='TransformersBackbone'))
        check_choice('backbone.features', features, FEATURES)
        check_choice('backbone.other_sizes', other_sizes, OTHER_SIZES)
        check_least('backbone.position_offset', position_offset, 0)
        if features == 'keys' and not frozen:
            raise InputError(
                "backbone.features='keys' is for frozen networks, since most of the "
                'last block would get no gradient: set frozen=True'
            )
        if init_cfg is None and not isinstance(model, Mapping):
            init_cfg = dict(type='Pretrained', checkpoint=f'{WEIGHTS_PREFIX}{model}')
        super().__init__(init_cfg)
        config = model_config(model)
        self.out_indices = _blocks(out_indices, config.num_hidden_layers)
        config.num_hidden_layers = self.out_indices[-1] + 1
        self.vit = build_vit(config, position_offset)
        self.patch_size = config.patch_size
        # What `in_channels='auto'` tries the backbone with.
        self.img_size = 4 * self.patch_size
        self.features, self.norm, self.frozen = features, norm, frozen
        self.other_sizes = other_sizes
        if not norm:
            final_norm(self.vit).requires_grad_(False)
        self.register_load_state_dict_pre_hook(_check_weights)
        self.train()

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Maps of images, (N, 3, H, W) -> (N, D, ceil(H / p), ceil(W / p)) each."""
        images = self._fit(images)
        states = self._run(images, output_hidden_states=True)['hidden_states']
        return tuple(
            self._to_map(self._feature(states, index), images)
            for index in self.out_indices
        )

    def cls_attention(self, images: Tensor) -> Tensor:
        """Attention of the class token to the patches in the last given block.

        Args:
            images: (N, 3, H, W), normalized.

        Returns:
            (N, heads, h, w). A head's values sum to less than 1, by what it gives to
            the class token itself and to registers.
        """
        images = self._fit(images)
        with _eager(self.vit), torch.no_grad():
            weights = self._run(images, output_attentions=True)['attentions'][-1]
        height, width = self._grid(images)
        patches = weights[:, :, 0, -height * width :]
        return patches.unflatten(2, (height, width))

    def train(self, mode: bool = True) -> 'TransformersBackbone':
        """As a module's; a frozen network stays in evaluation mode."""
        super().train(mode)
        if self.frozen:
            self.vit.eval()
            self.vit.requires_grad_(False)
        return self

    def _run(self, images: Tensor, **outputs: bool) -> Any:
        return self.vit(images, **self.vit.image_arguments, **outputs)

    def _feature(self, states: Sequence[Tensor], index: int) -> Tensor:
        """Tokens or keys of a block, (N, T, D); ``states`` begin with its input."""
        if self.features == 'keys':
            return keys_of(block_list(self.vit)[index], states[index])
        tokens = states[index + 1]
        return final_norm(self.vit)(tokens) if self.norm else tokens

    def _to_map(self, tokens: Tensor, images: Tensor) -> Tensor:
        height, width = self._grid(images)
        patches = tokens[:, tokens.shape[1] - height * width :]
        return patches.transpose(1, 2).unflatten(2, (height, width))

    def _grid(self, images: Tensor) -> tuple[int, int]:
        return images.shape[2] // self.patch_size, images.shape[3] // self.patch_size

    def _fit(self, images: Tensor) -> Tensor:
        """Images whose sides are multiples of the patch."""
        sides, patch = images.shape[2:], self.patch_size
        size = [(side + patch - 1) // patch * patch for side in sides]
        # In an exported graph sides are free, so that nothing may depend on them.
        exporting = torch.compiler.is_exporting()
        if not exporting and size == list(sides):
            return images
        if self.other_sizes == 'refuse':
            if exporting:
                return images
            raise InputError(
                f'images of {sides[0]} x {sides[1]} px: both sides must be multiples '
                f"of the patch of {patch} px (backbone.other_sizes='refuse')"
            )
        return F.interpolate(images, size=size, mode='bilinear', align_corners=False)


def _blocks(out_indices: Sequence[int], count: int) -> list[int]:
    """Numbers of blocks, from 0."""
    valid = isinstance(out_indices, Sequence) and len(out_indices) > 0
    if valid and all(isinstance(i, int) and -count <= i < count for i in out_indices):
        blocks = [index % count for index in out_indices]
        if blocks == sorted(set(blocks)):
            return blocks
    raise InputError(
        f'backbone.out_indices must be ascending numbers of blocks in [-{count}, '
        f'{count}), got {out_indices}'
    )


def _check_weights(
    module: nn.Module, state: dict[str, Any], prefix: str, *args: Any
) -> None:
    """Refuses a file that has a part of the weights, or some in another shape.

    A ViT with a few random weights, such as position embeddings of another size, gives
    features that look right.
    """
    theirs = {
        name: value.shape for name, value in state.items() if name.startswith(prefix)
    }
    if not any(name.startswith(f'{prefix}vit.') for name in theirs):
        return
    wrong = [
        f'{name} {tuple(theirs[prefix + name]) if prefix + name in theirs else "-"} '
        f'for {tuple(value.shape)}'
        for name, value in module.state_dict().items()
        if theirs.get(prefix + name) != value.shape
    ]
    if wrong:
        raise InputError(
            f'the weights are not those of this ViT, {len(wrong)} lack or have another '
            f'shape: {"; ".join(wrong[:3])}. Set model.backbone.model to the '
            'configuration that the weights have'
        )


@contextmanager
def _eager(vit: nn.Module):
    """Inside, attention is computed in the way that keeps its weights."""
    before = vit.config._attn_implementation
    vit.set_attn_implementation('eager')
    try:
        yield
    finally:
        vit.set_attn_implementation(before)
