"""docs/ablations.md: its options change what their row is named for."""

import argparse
from pathlib import Path

import pytest
from mmengine.config import Config
from mmseg.registry import HOOKS, MODELS

from mmseg_picie.cli.arguments import add_config_changes
from mmseg_picie.cli.config_checks import check_options

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / 'docs/ablations.md').read_text()
CONFIGS = dict(
    ABLATION='configs/picie/picie_fpn_r18_coco27_ablation.py',
    MDC='configs/mdc/mdc_fpn_r18_coco27.py',
)
NO_GEOMETRY = {'pipeline.1.crop_ratio': [1.0, 1.0], 'pipeline.1.flip_prob': 0}
NO_COLOR = {
    'pipeline.1.jitter_prob': 0,
    'pipeline.1.grayscale_prob': 0,
    'pipeline.1.blur_prob': 0,
}
SHARED = {'hooks.kmeans.centroid_sets': 'shared'}
# Published accuracy / mIoU, and what differs from the row of PiCIE itself.
ROWS = {
    '48.09 / 13.84': {},
    '34.35 / 9.88': {
        'model.type': 'MDC',
        'model.decode_head.type': 'ClassifierHead',
    },
    '39.25 / 9.82': {'model.type': 'MDC'},
    '42.55 / 9.84': NO_GEOMETRY,
    '46.97 / 12.04': NO_COLOR,
    '49.99 / 14.36': {'model.auxiliary_clusters': 100},
    '40.56 / 11.46': {'model.decode_head.loss.cluster_weight': 'none'},
    '44.31 / 11.71': SHARED,
    '44.15 / 10.98': {'model.decode_head.loss.cross_loss': 'mse'},
    '41.70 / 9.92': SHARED | NO_COLOR,
}


def table(heading):
    """Cells of the rows of the table below a heading."""
    section = PAGE.split(f'## {heading}')[1].split('\n## ')[0]
    lines = [line for line in section.splitlines() if line.startswith('|')][2:]
    return [
        [cell.strip().strip('`') for cell in line.split('|')[1:-1]] for line in lines
    ]


def with_options(path, options):
    """A config as the command line makes it."""
    cfg = Config.fromfile(ROOT / path)
    parser = argparse.ArgumentParser()
    add_config_changes(parser)
    argv = ['--cfg-options', *options.split()] if options else []
    changes = parser.parse_args(argv).cfg_options
    check_options(cfg, changes)
    cfg.merge_from_dict(changes)
    return cfg


def leaves(node, key):
    """Values by dotted key; lists of plain values are values."""
    if isinstance(node, dict):
        items = node.items()
    elif isinstance(node, (list, tuple)) and any(isinstance(n, dict) for n in node):
        items = enumerate(node)
    else:
        return {key: list(node) if isinstance(node, tuple) else node}
    found = {}
    for name, value in items:
        found |= leaves(value, f'{key}.{name}')
    return found


def parts(cfg):
    """What the rows differ in; the rest of the config is compared as it is."""
    return (
        leaves(cfg.model.to_dict(), 'model')
        | leaves(cfg.train_dataloader.dataset.pipeline, 'pipeline')
        | leaves(cfg.default_hooks.to_dict(), 'hooks')
    )


def build(cfg):
    cfg.model.backbone.init_cfg = None
    for hook in (cfg.default_hooks.kmeans, cfg.default_hooks.refit):
        HOOKS.build(hook)
    return MODELS.build(cfg.model)


ABLATION = table("The paper's ablation on COCO-Stuff-27")


@pytest.mark.parametrize('row', ABLATION, ids=lambda row: row[0])
def test_row_differs_from_picie_in_what_it_is_named_for(row):
    _, published, config, options = row
    cfg, both = (
        with_options(CONFIGS[name], text)
        for name, text in ((config, options), ('ABLATION', ''))
    )
    ours, theirs = parts(cfg), parts(both)
    assert theirs.keys() <= ours.keys()
    changed = {k: v for k, v in ours.items() if k not in theirs or theirs[k] != v}
    assert changed == ROWS[published]
    for part in ('optim_wrapper', 'train_cfg', 'val_dataloader', 'val_evaluator'):
        assert cfg[part] == both[part]
    build(cfg)


def test_every_published_row_is_there():
    assert [row[1] for row in ABLATION] == list(ROWS)


def test_rows_have_the_weights_and_rules_that_were_released():
    head = with_options(CONFIGS['ABLATION'], '').model.decode_head
    rules = head.label_rule, head.loss.rule, head.predict_rule
    assert rules == ('euclidean', 'dot', 'dot')
    assert head.loss.cluster_weight == 'frequency'


@pytest.mark.parametrize('row', table('On any config'), ids=lambda row: row[0][:30])
def test_options_of_any_config_are_read(row):
    base = CONFIGS['MDC' if row[0].startswith('MDC') else 'ABLATION']
    cfg, plain = with_options(base, row[1]), with_options(base, '')
    assert cfg.to_dict() != plain.to_dict()
    build(cfg)
    if cfg.default_hooks.get('calibrate'):
        HOOKS.build(cfg.default_hooks.calibrate)


def test_second_clustering_has_a_hundred_clusters():
    model = build(with_options(CONFIGS['ABLATION'], 'model.auxiliary_clusters=100'))
    assert [head.num_clusters for head in model.clustering_heads] == [27, 100]


@pytest.mark.parametrize('backbone', ['r18', 'mbv2'])
@pytest.mark.parametrize(
    'row', table('Supervised training from other weights'), ids=lambda row: row[0]
)
def test_supervised_options_change_the_initial_weights_alone(backbone, row):
    path = f'configs/supervised/fpn_{backbone}_camvid.py'
    cfg, random = with_options(path, row[1]), with_options(path, '')
    assert 'init_cfg' not in random.model.backbone
    init = cfg.model.backbone.pop('init_cfg')
    assert (init.type, init.checkpoint) == ('Pretrained', 'FILE')
    assert cfg.to_dict() == random.to_dict()
