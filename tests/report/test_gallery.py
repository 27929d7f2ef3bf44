"""Whole images keep to their budget."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from mmseg_picie.inference import InputImage
from mmseg_picie.report import page_data, write_report
from mmseg_picie.report.gallery import SIDES, make_gallery


class NoisePredictor:
    """Predicts noise, which no packing makes small."""

    def predictions(self, images):
        rng = np.random.default_rng(0)
        for image in images:
            ids = rng.integers(0, 100, image.source.shape[:2])
            yield SimpleNamespace(image=image, ids=ids)


@pytest.fixture
def images():
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (4, 300, 600, 3)).astype('u1')
    return [InputImage(f'{index}.png', one) for index, one in enumerate(pixels)]


def length(items):
    return sum(len(item['picture']) + len(item['ids']) for item in items)


def test_small_pictures_come_before_fewer(images):
    whole = make_gallery(NoisePredictor(), images, None, 10**9)
    assert [item['width'] for item in whole] == [SIDES[0]] * 4
    smaller = make_gallery(NoisePredictor(), images, None, length(whole) // 2)
    assert len(smaller) == 4 and smaller[0]['width'] < SIDES[0]
    assert length(smaller) <= length(whole) // 2
    few = make_gallery(NoisePredictor(), images, None, length(whole) // 12)
    assert 0 < len(few) < 4 and length(few) <= length(whole) // 12
    assert few[0]['width'] == SIDES[-1]


def test_an_image_that_cannot_be_read_is_left_out(images, tmp_path):
    (tmp_path / 'broken.png').write_bytes(b'no image')
    broken = InputImage('broken.png', tmp_path / 'broken.png')
    found = make_gallery(NoisePredictor(), [broken, *images[:1]], None, 10**9)
    assert [item['name'] for item in found] == ['0.png']


def test_all_budgets_together_leave_room_below_15_mb():
    module = importlib.import_module(write_report.__module__)
    budgets = page_data.CARD_BUDGET + module.GALLERY_BUDGET
    assert budgets + 1_500_000 < 15_000_000
