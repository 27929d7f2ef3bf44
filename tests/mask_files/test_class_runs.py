import numpy as np
import pytest
from pycocotools import mask as coco

from mmseg_picie.mask_files.class_runs import class_runs


@pytest.mark.parametrize('shape', [(1, 1), (1, 9), (9, 1), (13, 17)])
@pytest.mark.parametrize('num_ids', [1, 2, 40])
def test_runs_are_those_of_pycocotools(shape, num_ids):
    ids = np.random.default_rng(0).integers(0, num_ids, shape).astype(np.uint8)
    found = dict(class_runs(ids))
    assert sorted(found) == np.unique(ids).tolist()
    for index, counts in found.items():
        expected = coco.encode(np.asfortranarray(ids == index))
        assert coco.frPyObjects(dict(counts=counts, size=shape), *shape) == expected
        assert sum(counts) == ids.size
