"""From what a user can download to the layouts that the data sets read."""

from .coco_labels import write_label_maps
from .coco_layout import ARCHIVES, SPLITS, SplitState, inspect_split, unpack
from .coco_lists import RULES, ListRule, is_member, list_members, write_list
from .potsdam import (
    IIC_LISTS,
    LABELED_TILES,
    NUM_TILES,
    cut_tiles,
    find_tiles,
    plan_lists,
)
from .tracking import Track, untracked

__all__ = [
    'ARCHIVES',
    'IIC_LISTS',
    'LABELED_TILES',
    'NUM_TILES',
    'RULES',
    'SPLITS',
    'ListRule',
    'SplitState',
    'Track',
    'cut_tiles',
    'find_tiles',
    'inspect_split',
    'is_member',
    'list_members',
    'plan_lists',
    'unpack',
    'untracked',
    'write_label_maps',
    'write_list',
]
