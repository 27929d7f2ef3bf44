"""Label tables: which class an id of an annotation file means.

A table has one entry per id of an encoding, 255 where the id has no class. Id 255 is
ignored in every encoding and needs no entry.
"""

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

# labelIds 0-6 (unlabelled, ego vehicle, ..., ground) have no class.
CITYSCAPES_TABLE = (IGNORE,) * 7 + tuple(range(27))
