import pytest
from mmengine.config import Config

from mmseg_picie.cli.labeled_images import label_folder, labeled_training_set

STEPS = [dict(type='LoadImageFromFile'), dict(type='LoadAnnotations')]


def make(train_prefix, val_prefix, pipeline=STEPS, **val):
    train = dict(type='X', ann_file='train.txt', data_prefix=train_prefix, pipeline=[])
    val = dict(type='X', data_prefix=val_prefix, pipeline=pipeline, **val)
    return Config(
        dict(train_dataloader=dict(dataset=train), val_dataloader=dict(dataset=val))
    )


@pytest.mark.parametrize(
    'train, val, labels, expected',
    [
        ('img', 'img', 'ann', 'ann'),
        ('images/train', 'images/val', 'labels/val', 'labels/train'),
        ('img_dir/train', 'img_dir/val', 'ann_dir/val', 'ann_dir/train'),
        ('train', 'val', 'val', 'train'),
    ],
)
def test_label_folder_follows_that_of_validation(train, val, labels, expected):
    labeled = dict(img_path=val, seg_map_path=labels)
    assert label_folder(dict(img_path=train), labeled) == expected


@pytest.mark.parametrize(
    'train, val, labels', [('a/train', 'b/val', 'l/val'), ('i/train', 'i/val', 'l')]
)
def test_label_folder_that_is_not_told_is_asked_for(train, val, labels):
    labeled = dict(img_path=val, seg_map_path=labels)
    with pytest.raises(ValueError, match=r'train_dataloader\..*seg_map_path=FOLDER'):
        label_folder(dict(img_path=train), labeled)


def test_training_images_come_through_the_pipeline_of_validation():
    cfg = make(dict(img_path='i'), dict(img_path='i', seg_map_path='l'), encoding='raw')
    dataset = labeled_training_set(cfg)
    assert dataset.ann_file == 'train.txt'
    assert dataset.data_prefix == dict(img_path='i', seg_map_path='l')
    assert dataset.pipeline == STEPS
    assert dataset.encoding == 'raw'
    assert cfg.train_dataloader.dataset.pipeline == []


def test_what_the_training_set_says_itself_is_kept():
    own = dict(img_path='i', seg_map_path='own')
    cfg = make(own, dict(img_path='i', seg_map_path='l'))
    assert labeled_training_set(cfg).data_prefix == own


def test_wrapped_data_sets_are_reached():
    cfg = make(dict(img_path='i'), dict(img_path='i', seg_map_path='l'))
    leaf = cfg.train_dataloader.dataset.to_dict()
    parts = [leaf, dict(type='RepeatDataset', times=2, dataset=leaf)]
    cfg.train_dataloader.dataset = dict(type='ConcatDataset', datasets=parts)
    first, second = labeled_training_set(cfg).datasets
    assert first.pipeline == second.dataset.pipeline == STEPS


@pytest.mark.parametrize(
    'prefix, pipeline',
    [(dict(img_path='i'), STEPS), (dict(img_path='i', seg_map_path='l'), STEPS[:1])],
)
def test_validation_without_labels_is_refused(prefix, pipeline):
    cfg = make(dict(img_path='i'), prefix, pipeline)
    with pytest.raises(ValueError, match='val_dataloader.dataset loads no labels'):
        labeled_training_set(cfg)


def test_missing_loader_is_named():
    cfg = make(dict(img_path='i'), dict(img_path='i', seg_map_path='l'))
    cfg.train_dataloader = None
    with pytest.raises(ValueError, match='no train_dataloader'):
        labeled_training_set(cfg)
    with pytest.raises(ValueError, match='no val_dataloader'):
        labeled_training_set(Config(dict()))


def test_crops_and_neighbors_are_no_part_of_it():
    cfg = make(dict(img_path='i'), dict(img_path='i', seg_map_path='l'))
    plain = labeled_training_set(cfg)
    crops = dict(type='FiveCrops', dataset=cfg.train_dataloader.dataset)
    cfg.train_dataloader.dataset = dict(type='NeighborDataset', dataset=crops)
    assert labeled_training_set(cfg) == plain
