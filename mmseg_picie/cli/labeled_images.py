"""Training images with their labels, which training itself never reads."""

import copy
import os.path as osp
from pathlib import PurePosixPath

from mmengine.config import Config
from torch.utils.data import Dataset

from ..datasets import leaves, loads_labels, without_views
from ..errors import InputError

# What says how label files are named and read; taken over where training is silent.
LABEL_KEYS = (
    'encoding',
    'seg_map_suffix',
    'metainfo',
    'label_table_file',
    'classes',
)
LABEL_FOLDER = 'train_dataloader.dataset.data_prefix.seg_map_path'


def labeled_training_set(cfg: Config) -> dict:
    """Config of the training data set that loads labels, images as in validation.

    The images are those of ``train_dataloader``, the pipeline that of
    ``val_dataloader``. Where the training set names no ``seg_map_path``, it is that of
    the validation set, with the split's folder exchanged if the images of the two lie
    in different ones: images/train beside images/val and labels/val give labels/train.

    Raises:
        InputError: If the validation data loads no labels, or the folder of the
            training labels does not follow from it.
    """
    labeled = check_labeled(cfg, 'val_dataloader')
    if cfg.get('train_dataloader') is None:
        raise InputError('the config has no train_dataloader, which a probe learns on')
    dataset = copy.deepcopy(without_views(cfg.train_dataloader.dataset))
    for leaf in leaves(dataset):
        leaf['pipeline'] = copy.deepcopy(labeled['pipeline'])
        for key in LABEL_KEYS:
            if key in labeled:
                leaf.setdefault(key, labeled[key])
        prefix = leaf['data_prefix']
        if 'seg_map_path' not in prefix:
            prefix['seg_map_path'] = label_folder(prefix, labeled['data_prefix'])
    return dataset


def check_labeled(cfg: Config, loader: str) -> dict:
    """The first data set config of a loader.

    Raises:
        InputError: If there is no such loader, or it loads no labels.
    """
    if cfg.get(loader) is None:
        raise InputError(f'the config has no {loader}, which the linear probe reads')
    leaf = next(leaves(cfg[loader].dataset))
    loads = any(map(loads_labels, leaf.get('pipeline', ())))
    if not loads or 'seg_map_path' not in leaf.get('data_prefix', {}):
        raise InputError(
            f'{loader}.dataset loads no labels (it needs '
            "data_prefix['seg_map_path'] and LoadAnnotations in its pipeline): the "
            'linear probe is for data sets with labels'
        )
    return leaf


def check_apart(training: Dataset, scoring: Dataset, split: str) -> None:
    """Refuses to score on images that the probe learns on.

    Args:
        training: Data set, or a wrapper, to learn on.
        scoring: The other one.
        split: Its name, 'val' or 'test', for the message.

    Raises:
        InputError: If an image file is in both.
    """
    both = image_files(training) & image_files(scoring)
    if both:
        keys = [f'{name}_dataloader.dataset.splits=...' for name in ('train', split)]
        raise InputError(
            f'{len(both)} images are in both the training and the {split} data, such '
            f'as {min(both)}, which would flatter the figures: set --cfg-options '
            f'{" ".join(keys)} (or ...ann_file=...)'
        )


def image_files(dataset: Dataset) -> set[str]:
    """Paths of the images of a data set, links followed."""
    return {
        osp.realpath(leaf.get_data_info(index)['img_path'])
        for leaf in leaves(dataset)
        for index in range(len(leaf))
    }


def label_folder(prefix: dict, labeled: dict) -> str:
    """Folder of the training labels, from the ``data_prefix`` of both data sets.

    Args:
        prefix: Of the training set, with ``img_path``.
        labeled: Of the validation set, with ``img_path`` and ``seg_map_path``.

    Raises:
        InputError: If the paths do not differ in their last folder alone.
    """
    ours, theirs = prefix.get('img_path', ''), labeled.get('img_path', '')
    labels = labeled['seg_map_path']
    if ours == theirs:
        return labels
    image, other, path = map(PurePosixPath, (ours, theirs, labels))
    if image.parent == other.parent and path.name == other.name:
        return str(path.with_name(image.name))
    raise InputError(
        f'the labels of the training images in {ours!r} are not told by those of the '
        f'validation images ({theirs!r}, labels in {labels!r}): set --cfg-options '
        f'{LABEL_FOLDER}=FOLDER'
    )
