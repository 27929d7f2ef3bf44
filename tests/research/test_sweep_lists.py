"""The lists of tools/research/lists set options that exist."""

import inspect
from pathlib import Path

import pytest
from mmengine.config import Config
from mmseg.registry import HOOKS, MODELS
from sweep import option_arguments, read_list

from mmseg_picie.cli.config_checks import check_options

ROOT = Path(__file__).resolve().parents[2]
LISTS = sorted((ROOT / 'tools/research/lists').glob('*.py'))


def has_key(node, key: str) -> bool:
    """Whether something in a config reads a dotted key, items of lists by number."""
    name, _, rest = key.partition('.')
    if isinstance(node, (list, tuple)):
        return int(name) < len(node) and has_key(node[int(name)], rest)
    if not isinstance(node, dict):
        return False
    if name in node:
        return not rest or has_key(node[name], rest)
    # A default of what is built from it, or part of one.
    kind = HOOKS.get(node['type']) or MODELS.get(node['type']) if 'type' in node else 0
    return bool(kind) and name in inspect.signature(kind).parameters


def test_mistyped_key_is_found_in_lists_too():
    hook = dict(type='RefitHook', batch_size=2)
    cfg = dict(model=dict(head=1), hooks=[hook])
    for key in ('model.head', 'hooks.0.batch_size', 'hooks.0.eval_centroids'):
        assert has_key(cfg, key)
    for key in ('model.haed', 'hooks.0.eval_centroid', 'hooks.1.type', 'model.head.x'):
        assert not has_key(cfg, key)


@pytest.mark.parametrize('path', LISTS, ids=lambda path: path.stem)
def test_list_sets_options_that_exist(path):
    for row in read_list(path):
        cfg = Config.fromfile(ROOT / row.config)
        check_options(cfg, row.options)
        for key in row.options:
            assert has_key(cfg.to_dict(), key), f'{row.name}: nothing reads {key}'
        cfg.merge_from_dict(row.options)
        option_arguments(row, 0)
        if cfg.model.type == 'PiCIE':
            MODELS.build(cfg.model.decode_head)
            HOOKS.build(cfg.default_hooks.kmeans)
