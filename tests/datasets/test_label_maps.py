"""Label tables against hand-made ones and mmseg's."""

import ast
from pathlib import Path

import mmseg
import pytest
from mmseg.datasets import COCOStuffDataset

from mmseg_picie.datasets.label_maps import (
    CITYSCAPES_TABLE,
    COCO_CLASSES,
    COCO_DROPPED_IDS,
    COCO_STUFF,
    COCO_THINGS,
    FINE_TO_COARSE,
    TRAIN_ID_TO_COARSE,
    TRAIN_ID_TO_FINE,
)

# The super-class of ids 0-181 written in the order of the ids, not of the classes.
RUNS = (
    '9 11*8 8*6 7*10 6*8 10*10 5*8 2*10 3*10 0*6 1*6 4*8 17*2 22 20*2 22 15 25 16 '
    '13 12*2 17*2 23 15*2 17 15 21 15 25 13*5 22 26 14*2 15 22 21*2 24 20 22 15 17 '
    '16 15 22 24 21 17 25 16 21 17 22 16 21*2 25 21 26 21 24 20 17 14 21 26 15 23 '
    '20 21 24 15 24 22 25 15 20 17*2 22 14 18*7 26*2 19*2 24'
)


def expand(runs):
    table = []
    for run in runs.split():
        value, _, count = run.partition('*')
        table += [int(value)] * int(count or 1)
    return tuple(table)


def test_every_fine_id_has_the_class_of_the_hand_made_table():
    assert FINE_TO_COARSE == expand(RUNS)
    assert len(FINE_TO_COARSE) == 182


def test_classes_are_named_once_and_split_into_things_and_stuff():
    assert len(set(COCO_CLASSES)) == 27
    assert COCO_THINGS + COCO_STUFF == tuple(range(27))
    # Ids 0-90 are COCO's things, 91-181 its stuff.
    assert {FINE_TO_COARSE[i] for i in range(91)} == set(COCO_THINGS)
    assert {FINE_TO_COARSE[i] for i in range(91, 182)} == set(COCO_STUFF)


def test_train_ids_are_those_of_mmsegs_converter():
    folder = Path(mmseg.__file__).parent / '.mim/tools/dataset_converters'
    script = folder / 'coco_stuff164k.py'
    if not script.exists():
        pytest.skip('this mmseg was installed without its tools')
    table = next(
        ast.literal_eval(node.value)
        for node in ast.parse(script.read_text()).body
        if isinstance(node, ast.Assign) and node.targets[0].id == 'clsID_to_trID'
    )
    assert table.pop(255) == 255
    assert {raw: train for train, raw in enumerate(TRAIN_ID_TO_FINE)} == table
    assert set(range(182)) - set(table) == set(COCO_DROPPED_IDS)
    expected = {train: expand(RUNS)[raw] for raw, train in table.items()}
    assert dict(enumerate(TRAIN_ID_TO_COARSE)) == expected


def test_mmsegs_names_of_the_171_classes_fall_into_the_classes_they_say():
    names = COCOStuffDataset.METAINFO['classes']
    coarse = {name: COCO_CLASSES[TRAIN_ID_TO_COARSE[i]] for i, name in enumerate(names)}
    for name, found in coarse.items():
        for word in ('wall', 'window', 'floor', 'ceiling', 'furniture', 'plant'):
            if name.startswith(f'{word}-'):
                assert found.split(' (')[0] == word
    said = {
        'sky-other': 'sky',
        'clouds': 'sky',
        'sea': 'water',
        'fog': 'water',
        'tree': 'plant',
        'grass': 'plant',
        'road': 'ground',
        'snow': 'ground',
        'house': 'building',
        'fence': 'structural',
        'mountain': 'solid',
        'rug': 'textile',
        'metal': 'raw material',
        'table': 'furniture (stuff)',
        'dining table': 'furniture (thing)',
        'toothbrush': 'indoor',
        'tv': 'electronic',
        'boat': 'vehicle',
        'giraffe': 'animal',
    }
    assert {name: coarse[name] for name in said} == said


def test_cityscapes_ids_start_at_seven():
    assert CITYSCAPES_TABLE[:7] == (255,) * 7
    assert [CITYSCAPES_TABLE[i] for i in range(7, 34)] == list(range(27))
    assert len(CITYSCAPES_TABLE) == 34
