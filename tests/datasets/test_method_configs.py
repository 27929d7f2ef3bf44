"""Method configs: clusters match classes, and real samples pass through them."""

import os
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from mmseg.registry import DATASETS, MODELS

import mmseg_picie  # noqa: F401, registers

CONFIGS = Path(__file__).parents[2] / 'configs/picie'
ROOT = Path(
    os.environ.get(
        'MMSEG_PICIE_TEST_DATA', Path(__file__).parents[3] / 'shared' / 'data'
    )
)
SAMPLES = ROOT / 'coco_stuff_samples'
LISTED = {
    'train2017': (138805, 203744, 350505, 500044, 580986),
    'val2017': (139, 785, 1268),
}
SUBSETS = {
    'coco15': 15,
    'coco3': 3,
    'coco_things12': 12,
    'potsdam6': 6,
    'potsdam3': 3,
    'potsdam6_tiles': 6,
    'potsdam3_tiles': 3,
    'cityscapes27_val500': 27,
}
RECIPE = ('folder', 'scenes', 'coco27', 'cityscapes27')


def config(name):
    return Config.fromfile(CONFIGS / f'picie_fpn_r18_{name}.py')


def split_of(loader):
    return 'train2017' if loader == 'train_dataloader' else 'val2017'


@pytest.mark.parametrize('name', SUBSETS)
def test_there_are_as_many_clusters_as_classes(name):
    cfg = config(name)
    assert MODELS.build(cfg.model).decode_head.num_clusters == SUBSETS[name]
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        kind = DATASETS.get(cfg[loader].dataset.type)
        assert len(kind.METAINFO['classes']) == SUBSETS[name]


@pytest.mark.skipif(
    not SAMPLES.is_dir(), reason='set MMSEG_PICIE_TEST_DATA to the real samples'
)
@pytest.mark.parametrize('name', [n for n in SUBSETS if n.startswith('coco')])
def test_real_samples_pass_through_the_coco_configs(name, tmp_path):
    cfg = config(name)
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        split, settings = split_of(loader), cfg[loader]
        path = tmp_path / settings.dataset.ann_file
        path.parent.mkdir(exist_ok=True)
        path.write_text(''.join(f'{number:012d}\n' for number in LISTED[split]))
        settings.dataset.ann_file = str(path)
        settings.dataset.data_root = str(SAMPLES)
        settings.num_workers, settings.persistent_workers = 0, False
        images = 0
        for batch in Runner.build_dataloader(settings, seed=0):
            if split == 'train2017':
                assert batch['inputs']['view2'].shape[1:] == (3, 320, 320)
                images += len(batch['inputs']['view1'])
                continue
            for image, sample in zip(batch['inputs'], batch['data_samples']):
                labels = sample.gt_sem_seg.data
                assert image.shape == (3, 320, 320) and labels.shape == (1, 320, 320)
                assert set(labels.unique().tolist()) <= {*range(SUBSETS[name]), 255}
                images += 1
        assert images == len(LISTED[split])


@pytest.mark.parametrize(
    'name, train, evaluated',
    [
        ('cityscapes27', ('test', 'train_extra'), ('train', 'val')),
        ('cityscapes27_val500', ('train',), ('val',)),
    ],
)
def test_both_splits_of_cityscapes_are_configs_that_say_which(name, train, evaluated):
    cfg = config(name)
    assert tuple(cfg.train_dataloader.dataset.splits) == train
    for part in ('val', 'test'):
        assert tuple(cfg[f'{part}_dataloader'].dataset.splits) == evaluated
        assert (
            f'trained on {" + ".join(train)}, evaluated on {" + ".join(evaluated)}'
        ) in cfg[f'{part}_evaluator'].protocol


@pytest.mark.parametrize('name', ['potsdam6_tiles', 'potsdam3_tiles'])
def test_tiles_of_mmseg_are_named_as_not_comparable(name):
    for part in ('val', 'test'):
        protocol = config(name)[f'{part}_evaluator'].protocol
        assert 'not comparable' in protocol
        assert 'trained on the train tiles, evaluated on the val tiles' in protocol


@pytest.mark.parametrize('name', RECIPE)
def test_the_recipe_is_the_same_on_all_data_but_for_what_starts_from_scratch(name):
    cfg, camvid = config(f'{name}_recipe'), config('camvid_recipe')
    scratch = cfg.model.backbone.init_cfg is None
    calibrate = cfg.default_hooks.pop('calibrate', None)
    assert (calibrate == dict(type='CalibrateBatchNormHook')) == scratch
    for part in ('logger', 'checkpoint'):
        cfg.default_hooks.pop(part), camvid.default_hooks.pop(part)
    assert cfg.default_hooks == camvid.default_hooks
    assert cfg.model.backbone.norm_eval is not scratch
    for part in ('neck', 'auxiliary_clusters', 'correspondence'):
        assert cfg.model[part] == camvid.model[part]
    assert cfg.model.decode_head.loss == camvid.model.decode_head.loss
    if not scratch:
        for part in ('train_cfg', 'param_scheduler', 'optim_wrapper'):
            assert cfg[part] == camvid[part]
    best = config(f'{name}_recipe').default_hooks.checkpoint.save_best
    assert best == 'label_free/view_agreement'


@pytest.mark.parametrize('backbone', ['r18', 'mbv2'])
def test_the_recipe_differs_from_the_paper_in_its_named_parts(backbone):
    recipe, paper = (
        Config.fromfile(CONFIGS / f'picie_fpn_{backbone}_{name}.py')
        for name in ('camvid_recipe', 'camvid')
    )
    assert recipe.model.pop('auxiliary_clusters') == 100
    assert recipe.model.pop('correspondence') == dict(
        type='CorrespondenceLoss', weight=10.0
    )
    assert recipe.optim_wrapper.pop('paramwise_cfg') == dict(
        custom_keys={'neck.residual': dict(lr_mult=30.0)}
    )
    for part, name, value in (
        (recipe.model.neck, 'context', 0.15),
        (recipe.model.neck, 'residual_channels', 128),
        (recipe.model.backbone, 'norm_eval', True),
        (recipe.model.decode_head.loss, 'temperature', 0.1),
        (recipe.train_cfg, 'max_epochs', 5),
        (recipe.param_scheduler[0], 'end', 5),
    ):
        assert part.pop(name) == value
    paper.model.backbone.pop('norm_eval', None)
    paper.model.decode_head.loss.pop('temperature')
    assert recipe.model == paper.model
    assert recipe.optim_wrapper == paper.optim_wrapper


ALL = sorted(
    path for path in CONFIGS.parent.rglob('*.py') if '_base_' not in path.parts
)


@pytest.mark.parametrize('path', ALL, ids=lambda path: path.stem)
def test_config_is_short_and_says_what_it_is(path):
    text = path.read_text()
    assert text.startswith('#')
    assert len(text.splitlines()) <= 15
    assert 'custom_hooks' not in text  # hooks have names; a list would be copied


@pytest.mark.parametrize('path', ALL, ids=lambda path: path.stem)
def test_config_has_no_path_of_a_machine(path):
    cfg = Config.fromfile(path).to_dict()
    assert not any(str(text).startswith(('/', '~')) for text in strings(cfg))


def strings(node):
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from strings(item)
    elif isinstance(node, str):
        yield node


@pytest.mark.parametrize(
    'path',
    [
        path
        for path in sorted(CONFIGS.parent.rglob('*.py'))
        if '_base_' not in path.parts
    ],
    ids=lambda path: path.stem,
)
def test_every_config_keeps_the_last_round_and_the_best_it_names(path):
    checkpoint = Config.fromfile(path).default_hooks.checkpoint
    assert checkpoint.max_keep_ckpts == 1
    by_recipe = 'recipe' in path.stem or path.stem.startswith('picie_head')
    assert bool(checkpoint.get('save_best')) == by_recipe
