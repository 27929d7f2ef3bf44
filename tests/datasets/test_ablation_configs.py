"""Configs of the ablations, of MDC and of PiCIE+H: what differs, and a round."""

from pathlib import Path

import pytest
from mmengine.config import Config

CONFIGS = Path(__file__).parents[2] / 'configs'
NO_GEOMETRY = {'pipeline.1.crop_ratio': (1.0, 1.0), 'pipeline.1.flip_prob': 0.0}
NO_COLOR = {
    'pipeline.1.jitter_prob': 0.0,
    'pipeline.1.grayscale_prob': 0.0,
    'pipeline.1.blur_prob': 0.0,
}
SHARED = {'hooks.0.centroid_sets': 'shared'}
# Row: published accuracy / mIoU, and what differs from the row of PiCIE itself.
ROWS = {
    'mdc/mdc_fpn_r18_coco27': (
        '34.35 / 9.88',
        {'model.type': 'MDC', 'model.decode_head.type': 'ClassifierHead'},
    ),
    'mdc/mdc_fpn_r18_coco27_nonparametric': ('39.25 / 9.82', {'model.type': 'MDC'}),
    'picie/ablations/picie_fpn_r18_coco27_photometric': ('42.55 / 9.84', NO_GEOMETRY),
    'picie/ablations/picie_fpn_r18_coco27_geometric': ('46.97 / 12.04', NO_COLOR),
    'picie/ablations/picie_fpn_r18_coco27_both': ('48.09 / 13.84', {}),
    'picie/ablations/picieh_fpn_r18_coco27_overclustering': (
        '49.99 / 14.36',
        {
            'model.auxiliary_head.type': 'ClusteringHead',
            'model.auxiliary_head.in_channels': 128,
            'model.auxiliary_head.num_clusters': 100,
        },
    ),
    'picie/ablations/picie_fpn_r18_coco27_no_balance': (
        '40.56 / 11.46',
        {'model.decode_head.loss.cluster_weight': 'none'},
    ),
    'picie/ablations/picie_fpn_r18_coco27_single_set': ('44.31 / 11.71', SHARED),
    'picie/ablations/picie_fpn_r18_coco27_mse': (
        '44.15 / 10.98',
        {'model.decode_head.loss.cross_loss': 'mse'},
    ),
    'picie/ablations/picie_fpn_r18_coco27_single_set_no_invariance': (
        '41.70 / 9.92',
        SHARED | NO_COLOR,
    ),
}
# Data sets that have a PiCIE+H config, and K of the clustering that predicts.
SECOND = dict(
    coco27=27,
    coco15=15,
    coco15_scratch=15,
    coco3=3,
    coco_things12=12,
    cityscapes27=27,
    cityscapes27_val500=27,
    potsdam6=6,
    potsdam6_tiles=6,
    potsdam3=3,
    potsdam3_tiles=3,
)


def load(name):
    return Config.fromfile(CONFIGS / f'{name}.py')


def leaves(node, key):
    """Values by dotted key."""
    if isinstance(node, dict):
        items = node.items()
    elif isinstance(node, list):
        items = enumerate(node)
    else:
        return {key: node}
    found = {}
    for name, value in items:
        found |= leaves(value, f'{key}.{name}')
    return found


def parts(cfg):
    """What the rows differ in; the rest of the config is compared as it is."""
    pipeline = cfg.train_dataloader.dataset.pipeline
    return (
        leaves(cfg.model.to_dict(), 'model')
        | leaves(pipeline, 'pipeline')
        | leaves(cfg.custom_hooks, 'hooks')
    )


@pytest.mark.parametrize('name', ROWS)
def test_a_row_differs_from_picie_in_what_it_is_named_for(name):
    figures, expected = ROWS[name]
    cfg, both = load(name), load('picie/ablations/picie_fpn_r18_coco27_both')
    ours, theirs = parts(cfg), parts(both)
    assert theirs.keys() <= ours.keys()
    changed = {k: v for k, v in ours.items() if k not in theirs or theirs[k] != v}
    assert changed == expected
    for part in ('optim_wrapper', 'train_cfg', 'val_dataloader', 'val_evaluator'):
        assert cfg[part] == both[part]
    text = (CONFIGS / f'{name}.py').read_text()
    comment = text.partition('_base_')[0].replace('\n# ', ' ')
    assert 'Ablation row' in comment and figures in comment


def test_rows_have_the_weights_and_rules_that_were_released():
    head = load('picie/ablations/picie_fpn_r18_coco27_both').model.decode_head
    rules = head.label_rule, head.loss.rule, head.predict_rule
    assert rules == ('euclidean', 'dot', 'dot')
    assert head.loss.cluster_weight == 'frequency'


@pytest.mark.parametrize('name', SECOND)
def test_picieh_adds_one_clustering_of_a_hundred_to_picie(name):
    cfg = load(f'picie/picieh_fpn_r18_{name}')
    plain = load(f'picie/picie_fpn_r18_{name}')
    auxiliary = dict(type='ClusteringHead', in_channels=128, num_clusters=100)
    assert cfg.model == dict(plain.model, auxiliary_head=auxiliary)
    assert cfg.model.decode_head.num_clusters == SECOND[name]
    assert parts(plain).items() <= parts(cfg).items()
