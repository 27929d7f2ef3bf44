"""The network of a checkpoint, built from the config that the checkpoint holds."""

import ast
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from torch import nn

from ..datasets import evaluation_pipeline
from ..errors import InputError
from .pretrained import read_run_checkpoint
from .run_checkpoints import check_loaded

SCOPES = ('mmseg', 'mmpretrain')
SHORT_SIDE = ('ResizeShortSide', 'CenterCropShortSide')


def stored_config(loaded: dict[str, Any], source: str) -> Config:
    """Config of the run that wrote a checkpoint, read as data.

    mmengine stores the config as Python text and would execute it. Here names,
    literals and ``dict(...)`` are read and nothing runs, since the file may come from
    a stranger.

    Args:
        loaded: The checkpoint.
        source: Its file, for messages.

    Raises:
        InputError: If it holds no config, or one with anything else in it.
    """
    text = loaded.get('meta', {}).get('cfg')
    if not isinstance(text, str):
        raise InputError(
            f'{source} holds no config (meta.cfg), so its network is not known: name '
            'a checkpoint that a training run wrote'
        )
    try:
        statements = ast.parse(text).body
        return Config({name: value for name, value in map(_assignment, statements)})
    except (SyntaxError, ValueError, RecursionError) as error:
        raise InputError(
            f'the config in {source} is not plain data ({error}): name a checkpoint '
            'that a training run wrote'
        ) from error


def build_segmentor(checkpoint: str | Path) -> tuple[nn.Module, Config]:
    """The network of a checkpoint on the CPU, in evaluation mode, and its config.

    Nothing but the file is needed: no config file, no pretrained weights.

    Args:
        checkpoint: Written by a run, or a named copy of one.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it is no checkpoint of a run, or its config names a class that
            is not registered.
    """
    source = str(checkpoint)
    loaded = read_run_checkpoint(source)
    cfg = stored_config(loaded, source)
    if not isinstance(cfg.get('model'), dict):
        raise InputError(f'the config in {source} has no model')
    _check_types(cfg.model, source)
    _drop_init(cfg.model)
    init_default_scope('mmseg')
    model = MODELS.build(cfg.model)
    check_loaded(model, loaded)
    state = loaded['state_dict']
    model.load_state_dict({k.removeprefix('module.'): state[k] for k in state})
    meta = loaded['meta'].get('dataset_meta')
    if meta is not None:
        model.dataset_meta = meta
    return model.requires_grad_(False).eval(), cfg


def stored_resize(cfg: Config) -> Config | None:
    """How a run resized the images that it evaluated, as a transform's config.

    Returns:
        ``size``, the short side, and maybe ``interpolation``; None where images kept
        their size.
    """
    if cfg.get('val_dataloader') is None and cfg.get('test_pipeline') is None:
        return None
    for step in evaluation_pipeline(cfg):
        if str(step['type']).rpartition('.')[2] in SHORT_SIDE:
            return step
    return None


def _assignment(node: ast.stmt) -> tuple[str, Any]:
    if not (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
    ):
        raise ValueError(f'line {node.lineno} is no assignment to a name')
    return node.targets[0].id, _value(node.value)


def _value(node: ast.expr) -> Any:
    """What an expression of literals and ``dict(...)`` stands for."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, 'id', None)
        # mmengine writes dict(a=1), or dict({'a.b': 1}) where a key is no name.
        plain = all(isinstance(arg, ast.Dict) for arg in node.args)
        if called == 'dict' and plain and len(node.args) < 2:
            pairs = {k: v for arg in node.args for k, v in _value(arg).items()}
            return {**pairs, **{_keyword(k): _value(k.value) for k in node.keywords}}
        raise ValueError(f'line {node.lineno} calls {called or "an expression"}')
    if isinstance(node, ast.List):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_value(item) for item in node.elts)
    if isinstance(node, ast.Dict) and None not in node.keys:
        pairs = zip(node.keys, node.values, strict=True)
        return {_value(key): _value(value) for key, value in pairs}
    return ast.literal_eval(node)


def _keyword(node: ast.keyword) -> str:
    if node.arg is None:
        raise ValueError(f'line {node.value.lineno} has **')
    return node.arg


def _check_types(node: Any, source: str) -> None:
    """Refuses types that mmengine would import: a dotted name may be any function."""
    if isinstance(node, (list, tuple)):
        for item in node:
            _check_types(item, source)
    elif isinstance(node, dict):
        name = node.get('type')
        if name is not None:
            scope, _, short = str(name).rpartition('.')
            if not isinstance(name, str) or '.' in scope or scope not in ('', *SCOPES):
                raise InputError(
                    f'the config in {source} has type={name!r}, expected the name of '
                    f'a registered class, with or without {" or ".join(SCOPES)}: the '
                    'file may be harmful; do not use it unless you know its author'
                )
        for value in node.values():
            _check_types(value, source)


def _drop_init(node: Any) -> None:
    """The checkpoint brings all weights; those of a pretraining are not needed."""
    if isinstance(node, (list, tuple)):
        for item in node:
            _drop_init(item)
    elif isinstance(node, dict):
        if 'init_cfg' in node:
            node['init_cfg'] = None
        for value in node.values():
            _drop_init(value)


def prediction_model(model: dict[str, Any], head: dict[str, Any]) -> dict[str, Any]:
    """Config of a model that predicts with another head and is not trained further.

    Args:
        model: Config of the trained model, whose embedding stays as it is.
        head: Config of the head in the place of its own, without what says how the
            embedding comes to it.

    Returns:
        Config of a ``ClusterSegmentor`` with the backbone, neck and precision.
    """
    old = model['decode_head']
    kept = ('data_preprocessor', 'backbone', 'neck', 'precision', 'channels_last')
    return dict(
        type='ClusterSegmentor',
        **{name: model[name] for name in kept if name in model},
        decode_head=dict(
            head,
            in_channels=old['in_channels'],
            normalize=old.get('normalize', True),
            in_index=old.get('in_index', -1),
        ),
        test_cfg=model.get('test_cfg', dict(mode='whole')),
    )
