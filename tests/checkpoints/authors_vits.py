"""ViTs by the authors' names: random weights, and a forward written from the papers.

Nothing of transformers or of the package is used here.
"""

import math

import torch
import torch.nn.functional as F

SIZE, HEADS, DEPTH, HIDDEN = 128, 2, 3, 256


def dino(patch=8, grid=4, **options):
    """DINO v1."""
    return _vit(patch, grid, **options)


def dinov2(patch=14, grid=4, registers=0, gated=False):
    """DINOv2, with ``registers`` tokens beside that of the class."""
    state = _vit(patch, grid, scales=True, gates='w12' if gated else None)
    state['mask_token'] = _draw(1, SIZE)
    if registers:
        state['register_tokens'] = _draw(1, registers, SIZE)
    return state


def dinov3(patch=16, registers=4, gated=False, mask=True):
    """DINOv3: rotary positions; the keys' part of the bias is masked."""
    state = _vit(patch, None, scales=True, gates='w1w2' if gated else None)
    state['mask_token'] = _draw(1, SIZE)
    state['storage_tokens'] = _draw(1, registers, SIZE)
    count = SIZE // HEADS // 4
    periods = 100.0 ** (torch.arange(count) / count)
    state['rope_embed.periods'] = periods.bfloat16()  # as the released files
    if mask:
        for block in range(DEPTH):
            kept = torch.ones(3 * SIZE)
            kept[SIZE : 2 * SIZE] = 0
            state[f'blocks.{block}.attn.qkv.bias_mask'] = kept
    return state


def _vit(patch, grid, scales=False, gates=None):
    state = {
        'cls_token': _draw(1, 1, SIZE),
        'patch_embed.proj.weight': 0.2 * _draw(SIZE, 3, patch, patch),
        'patch_embed.proj.bias': _draw(SIZE),
        'norm.weight': 1 + _draw(SIZE),
        'norm.bias': _draw(SIZE),
    }
    if grid is not None:
        state['pos_embed'] = _draw(1, 1 + grid * grid, SIZE)
    for block in range(DEPTH):
        state.update(
            (f'blocks.{block}.{name}', value)
            for name, value in _block(scales, gates).items()
        )
    return state


def _block(scales, gates):
    layers = {'attn.qkv': (3 * SIZE, SIZE), 'attn.proj': (SIZE, SIZE)}
    if gates == 'w12':
        inner = (int(4 * SIZE * 2 / 3) + 7) // 8 * 8
        layers |= {'mlp.w12': (2 * inner, SIZE), 'mlp.w3': (SIZE, inner)}
    elif gates:
        layers |= {'mlp.w1': (HIDDEN, SIZE), 'mlp.w2': (HIDDEN, SIZE)}
        layers |= {'mlp.w3': (SIZE, HIDDEN)}
    else:
        layers |= {'mlp.fc1': (HIDDEN, SIZE), 'mlp.fc2': (SIZE, HIDDEN)}
    block = {}
    for name, shape in layers.items():
        block[f'{name}.weight'] = _draw(*shape)
        block[f'{name}.bias'] = _draw(shape[0])
    for name in ('norm1', 'norm2'):
        block[f'{name}.weight'], block[f'{name}.bias'] = 1 + _draw(SIZE), _draw(SIZE)
    if scales:
        block['ls1.gamma'], block['ls2.gamma'] = 1 + _draw(SIZE), 1 + _draw(SIZE)
    return block


def _draw(*shape):
    return 0.1 * torch.randn(*shape)


# --- the forward -----------------------------------------------------------------


def tokens(state, images, eps, antialias=False, depth=DEPTH):
    """All tokens after the final norm, (N, T, D), and the grid of the patches."""
    weight = state['patch_embed.proj.weight']
    maps = F.conv2d(images, weight, state['patch_embed.proj.bias'], weight.shape[2])
    grid, count = maps.shape[2:], len(images)
    x = torch.cat([state['cls_token'].expand(count, -1, -1), _flat(maps)], 1)
    if 'pos_embed' in state:
        x = x + positions(state['pos_embed'], grid, antialias)
    for name in ('register_tokens', 'storage_tokens'):
        if name in state:
            x = torch.cat([x[:, :1], state[name].expand(count, -1, -1), x[:, 1:]], 1)
    rotation = rope(*grid) if 'pos_embed' not in state else None
    for number in range(depth):
        prefix = f'blocks.{number}.'
        block = {
            k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)
        }
        inner = attention(block, _norm(x, block, 'norm1', eps), rotation)
        x = x + block.get('ls1.gamma', 1) * inner
        x = x + block.get('ls2.gamma', 1) * mlp(block, _norm(x, block, 'norm2', eps))
    return F.layer_norm(x, (SIZE,), state['norm.weight'], state['norm.bias'], eps), grid


def positions(embedding, grid, antialias):
    """The authors give the scale of a row that is a tenth of a patch longer; with
    registers, which are antialiased, they give the size."""
    side = math.isqrt(embedding.shape[1] - 1)
    patches = embedding[:, 1:].reshape(1, side, side, SIZE).permute(0, 3, 1, 2)
    if antialias:
        patches = F.interpolate(patches, tuple(grid), mode='bicubic', antialias=True)
    elif tuple(grid) != (side, side):
        scales = [(cells + 0.1) / side for cells in grid]
        patches = F.interpolate(patches, scale_factor=scales, mode='bicubic')
    return torch.cat([embedding[:, :1], _flat(patches)], 1)


def attention(block, x, rotation):
    bias = block['attn.qkv.bias'] * block.get('attn.qkv.bias_mask', 1)
    q, k, v = (x @ block['attn.qkv.weight'].T + bias).split(SIZE, dim=2)
    outputs = []
    for part in torch.arange(SIZE).split(SIZE // HEADS):  # a head's channels
        queries, keys = q[..., part], k[..., part]
        if rotation is not None:
            queries, keys = turned(queries, *rotation), turned(keys, *rotation)
        scores = queries @ keys.transpose(1, 2) / (SIZE // HEADS) ** 0.5
        outputs.append(scores.softmax(2) @ v[..., part])
    return torch.cat(outputs, 2) @ block['attn.proj.weight'].T + block['attn.proj.bias']


def rope(rows, columns):
    """Cosines and sines by patch, (h w, d): half of the pairs turn by row, half by
    column, the center of the image being 0 and its edges -1 and 1."""
    count = SIZE // HEADS // 4
    angles = []
    for row in range(rows):
        for column in range(columns):
            y, x = 2 * (row + 0.5) / rows - 1, 2 * (column + 0.5) / columns - 1
            speeds = [2 * math.pi / 100 ** (i / count) for i in range(count)]
            angles.append([y * s for s in speeds] + [x * s for s in speeds])
    angles = torch.tensor(angles).repeat(1, 2)
    return angles.cos(), angles.sin()


def turned(vectors, cos, sin):
    """Patches' vectors, rotated in the planes (i, i + d / 2); others as they are."""
    patches = vectors[:, -len(cos) :]
    first, second = patches.chunk(2, dim=2)
    patches = patches * cos + torch.cat([-second, first], 2) * sin
    return torch.cat([vectors[:, : -len(cos)], patches], 1)


def mlp(block, x):
    if 'mlp.fc1.weight' in block:
        return _linear(block, 'mlp.fc2', F.gelu(_linear(block, 'mlp.fc1', x)))
    if 'mlp.w12.weight' in block:
        gate, up = _linear(block, 'mlp.w12', x).chunk(2, dim=2)
    else:
        gate, up = _linear(block, 'mlp.w1', x), _linear(block, 'mlp.w2', x)
    return _linear(block, 'mlp.w3', F.silu(gate) * up)


def _linear(block, name, x):
    return F.linear(x, block[f'{name}.weight'], block[f'{name}.bias'])


def _norm(x, block, name, eps):
    return F.layer_norm(x, (SIZE,), block[f'{name}.weight'], block[f'{name}.bias'], eps)


def _flat(maps):
    return maps.flatten(2).transpose(1, 2)
