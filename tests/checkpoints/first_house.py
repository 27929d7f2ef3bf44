"""Checkpoints as version 0.1 wrote them, made of those of now."""

import copy

HEADS = ('decode_head', 'auxiliary_head')
SETS = dict(centroids='centroids', cluster_sizes='cluster_size')


def with_old_names(checkpoint: dict) -> dict:
    """A copy of a checkpoint by the names of version 0.1."""
    old = copy.deepcopy(checkpoint)
    for name in ('state_dict', 'ema_state_dict'):
        if name in old:
            old[name] = _with_old_sets(old[name])
    if 'label_free' in old:
        state = old['label_free']
        state['neighbours'] = state.pop('neighbors')
        state['source']['num_neighbours'] = state['source'].pop('num_neighbors')
    return old


def _with_old_sets(state: dict) -> dict:
    old = {}
    for name, value in state.items():
        parent, _, last = name.rpartition('.')
        if parent.rpartition('.')[2] in HEADS and last in SETS:
            # A model of one view stored its only set twice.
            for number, view in enumerate((value[0], value[-1]), start=1):
                old[f'{parent}.{SETS[last]}{number}'] = view
        else:
            old[name] = value
    return old
