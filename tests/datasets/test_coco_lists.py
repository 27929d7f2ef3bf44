"""Preparing COCO-Stuff: lists."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.preparation.coco_lists import RULES, is_member, list_members

REPOSITORY = Path(__file__).parents[2]
ROOT = Path(
    os.environ.get('MMSEG_PICIE_TEST_DATA', REPOSITORY.parent / 'shared' / 'data')
)
SAMPLES = ROOT / 'coco_stuff_samples'
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason='set MMSEG_PICIE_TEST_DATA to the real samples'
)
# Of the samples, those that the authors' lists hold.
LISTED = {
    'train2017': ['138805', '203744', '350505', '500044', '580986'],
    'val2017': ['139', '785', '1268'],
}


@needs_samples
@pytest.mark.parametrize('split', LISTED)
def test_the_rule_lists_exactly_the_published_samples(split):
    found = list_members(SAMPLES / 'annotations' / split, RULES[15])
    assert found == [name.zfill(12) for name in LISTED[split]]


def covered(share, sky=156, rest=255, shape=(400, 500)):
    """A map whose first pixels, a share of all, are sky."""
    labels = np.full(shape, rest, np.uint8)
    labels.ravel()[: round(share * labels.size)] = sky
    return labels


@pytest.mark.parametrize(
    'labels, listed',
    [
        (covered(0.75), True),
        (covered(0.749), False),  # unlabeled pixels count
        (covered(0.749, rest=0), False),  # and so do things
        (covered(0.5, rest=101), True),  # any stuff: sky and ceiling
        (covered(1.0, shape=(360, 360)), True),
        (covered(1.0, shape=(359, 640)), False),
        (covered(1.0, shape=(640, 359)), False),
        (covered(1.0, sky=0), False),
    ],
)
def test_fifteen_classes_must_cover_three_quarters_of_a_large_image(labels, listed):
    assert is_member(labels, RULES[15]) is listed


@pytest.mark.parametrize(
    'labels, listed',
    [
        (covered(0.506), True),
        (covered(0.481), False),
        (covered(0.2, sky=93, rest=110), True),  # plant and ground
        (covered(0.481, rest=101), False),  # a ceiling is none of the three
    ],
)
def test_three_classes_must_cover_half(labels, listed):
    assert is_member(labels, RULES[3]) is listed


@pytest.mark.parametrize(
    'labels, words',
    [
        (np.full((4, 5), 182, np.uint8), 'has id 182, expected 0-181 and 255'),
        (np.zeros((4, 5, 3), np.uint8), r'one channel of 8 bits, got \(4, 5, 3\)'),
        (np.zeros((4, 5), np.uint16), 'one channel of 8 bits, got .* uint16'),
    ],
)
def test_other_label_files_are_named(tmp_path, labels, words):
    Image.fromarray(labels).save(tmp_path / '000000000007.png')
    with pytest.raises(ValueError, match=rf'000000000007\.png.*{words}'):
        list_members(tmp_path, RULES[15])
    (tmp_path / '000000000007.png').write_bytes(b'\x89PNG\r\n\x1a\n')
    with pytest.raises(ValueError, match=r'000000000007\.png cannot be read'):
        list_members(tmp_path, RULES[15])


def test_files_of_mmsegs_converter_are_passed_over(tmp_path):
    Image.fromarray(covered(1.0)).save(tmp_path / '000000000007.png')
    other = covered(1.0, sky=170)
    Image.fromarray(other).save(tmp_path / '000000000007_labelTrainIds.png')
    assert list_members(tmp_path, RULES[15]) == ['000000000007']
