"""The hash tells weights apart by what they are, not by how they lie in memory."""

import hashlib
import time

import pytest
import torch

from mmseg_picie.checkpoints import weights_hash


@pytest.fixture
def state():
    generator = torch.Generator().manual_seed(0)
    return {
        'backbone.weight': torch.rand(4, 3, 2, 2, generator=generator),
        'backbone.steps': torch.tensor(7),
        'backbone.half': torch.ones(3, dtype=torch.bfloat16),
        'decode_head.eval_centroids': torch.rand(5, 4, generator=generator),
        'decode_head.cluster_to_class': torch.full((5,), -1),
    }


def test_hash_equals_sha256_of_names_types_shapes_and_bytes():
    state = {'b': torch.tensor([1, 2]), 'a': torch.tensor([[0.5]])}
    text = b'a torch.float32 (1, 1)\n' + state['a'].numpy().tobytes()
    text += b'b torch.int64 (2,)\n' + state['b'].numpy().tobytes()
    assert weights_hash(state) == hashlib.sha256(text).hexdigest()


def test_naming_order_and_layout_do_not_count(state):
    before = weights_hash(state)
    named = dict(state, **{'decode_head.cluster_to_class': torch.arange(5)})
    assert weights_hash(named) == before
    del named['decode_head.cluster_to_class']
    assert weights_hash(named) == before
    assert weights_hash(dict(reversed(state.items()))) == before
    weight = state['backbone.weight']
    strided = weight.contiguous(memory_format=torch.channels_last)
    assert strided.stride() != weight.stride()
    assert weights_hash(dict(state, **{'backbone.weight': strided})) == before
    assert weights_hash({f'module.{name}': state[name] for name in state}) == before


@pytest.mark.parametrize(
    'name, change',
    [
        ('backbone.weight', lambda value: value.transpose(2, 3)),
        ('backbone.weight', lambda value: value.flatten()),
        ('backbone.weight', lambda value: torch.nextafter(value, value + 1)),
        ('backbone.weight', lambda value: value.view(torch.int32)),
        ('backbone.steps', lambda value: value + 1),
        ('backbone.half', lambda value: value * 2),
        ('decode_head.eval_centroids', lambda value: value.flip(0)),
    ],
)
def test_all_else_counts(state, name, change):
    assert weights_hash(dict(state, **{name: change(state[name])})) != weights_hash(
        state
    )


def test_names_of_weights_count(state):
    other = dict(state)
    other['neck.weight'] = other.pop('backbone.weight')
    assert weights_hash(other) != weights_hash(state)


def test_large_weights_take_seconds():
    state = {'backbone.weight': torch.zeros(140 * 2**20 // 4)}
    begin = time.process_time()
    weights_hash(state)
    assert time.process_time() - begin < 5
