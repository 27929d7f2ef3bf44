"""Label tables: which class an id of an annotation file means.

A table has one entry per id of an encoding, 255 where the id has no class. Id 255 is
ignored in every encoding and needs no entry.
"""

from collections.abc import Sequence

IGNORE = 255


def _ids(ranges: str) -> tuple[int, ...]:
    """'97,106-108' -> (97, 106, 107, 108)."""
    ids = []
    for part in ranges.split(','):
        first, _, last = part.partition('-')
        ids.extend(range(int(first), int(last or first) + 1))
    return tuple(ids)


# The 27 super-classes of COCO-Stuff and their ids in 0-181.
COCO_COARSE = (
    ('electronic', '71-76'),
    ('appliance', '77-82'),
    ('food (thing)', '51-60'),
    ('furniture (thing)', '61-70'),
    ('indoor', '83-90'),
    ('kitchen', '43-50'),
    ('accessory', '25-32'),
    ('animal', '15-24'),
    ('outdoor', '9-14'),
    ('person', '0'),
    ('sports', '33-42'),
    ('vehicle', '1-8'),
    ('ceiling', '101,102'),
    ('floor', '100,113-117'),
    ('food (stuff)', '120,121,152,169'),
    ('furniture (stuff)', '97,106,107,109,111,122,129,132,155,160,164'),
    ('raw material', '99,131,138,142'),
    ('textile', '91,92,103,104,108,130,136,140,151,166,167'),
    ('wall', '170-176'),
    ('window', '179,180'),
    ('building', '94,95,127,150,157,165'),
    ('ground', '110,124,125,135,139,143,144,146,148,153,158'),
    ('plant', '93,96,118,123,128,133,141,162,168'),
    ('sky', '105,156'),
    ('solid', '126,134,149,159,161,181'),
    ('structural', '98,112,137,145,163'),
    ('water', '119,147,154,177,178'),
)
COCO_CLASSES = tuple(name for name, _ in COCO_COARSE)
COCO_THINGS = tuple(range(12))
COCO_STUFF = tuple(range(12, 27))

NUM_RAW_IDS = 182


def _invert(classes: tuple[tuple[str, str], ...], num_ids: int) -> tuple[int, ...]:
    table = [IGNORE] * num_ids
    for index, (_, ranges) in enumerate(classes):
        for fine in _ids(ranges):
            table[fine] = index
    return tuple(table)


FINE_TO_COARSE = _invert(COCO_COARSE, NUM_RAW_IDS)
# Never annotated; mmseg's converter numbers the other 171 ids in their order.
COCO_DROPPED_IDS = (11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90)
TRAIN_ID_TO_FINE = tuple(
    fine for fine in range(NUM_RAW_IDS) if fine not in COCO_DROPPED_IDS
)
TRAIN_ID_TO_COARSE = tuple(FINE_TO_COARSE[fine] for fine in TRAIN_ID_TO_FINE)

# Super-classes of the subsets, in the order of their classes; all others are ignored.
COCO_STUFF3 = tuple(COCO_CLASSES.index(name) for name in ('sky', 'plant', 'ground'))

# labelIds 0-6 (unlabeled, ego vehicle, ..., ground) have no class.
CITYSCAPES_TABLE = (IGNORE,) * 7 + tuple(range(27))

# RGB of the released labels of Potsdam, in the order of the classes.
POTSDAM_COLORS = (
    (255, 255, 255),
    (0, 0, 255),
    (0, 255, 255),
    (0, 255, 0),
    (255, 255, 0),
    (255, 0, 0),
)
# Potsdam: road, building, low vegetation, tree, car, clutter. IIC's patches hold these
# ids; mmseg's converter writes them plus 1, and 0 for any other color.
POTSDAM_PATCH_TABLE = tuple(range(6))
POTSDAM_TILE_TABLE = (IGNORE, *range(6))
# Potsdam-3: road and car, building and clutter, low vegetation and tree.
POTSDAM_6_TO_3 = (0, 1, 2, 2, 0, 1)


def regroup(table: Sequence[int], new_class: Sequence[int]) -> tuple[int, ...]:
    """Gives the ids of a label table new classes.

    Args:
        table: Class of each id, 255 for none.
        new_class: New class of each class, 255 for none.

    Returns:
        New class of each id.
    """
    return tuple(IGNORE if entry == IGNORE else new_class[entry] for entry in table)


def keep(classes: Sequence[int], num_classes: int) -> tuple[int, ...]:
    """A map of classes for :func:`regroup` that keeps some and ignores the rest.

    Args:
        classes: Classes to keep, in their new order.
        num_classes: Classes in all.

    Returns:
        New class of each class: its place in ``classes``, 255 if not there.
    """
    return tuple(
        classes.index(index) if index in classes else IGNORE
        for index in range(num_classes)
    )
