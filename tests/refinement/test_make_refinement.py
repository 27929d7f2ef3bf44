"""Names, options and words of refinements."""

import pytest
import torch
from image_cases import random_case

from mmseg_picie.refinement import PAMR, GuidedFilter, make_refinement


@pytest.mark.parametrize('named', [None, 'none', dict(type='none')])
def test_nothing_is_refined_unasked(named):
    assert make_refinement(named) is None


def test_names_and_configs_are_refinements():
    assert make_refinement('pamr') == PAMR()
    assert make_refinement('guided') == GuidedFilter()
    config = dict(type='pamr', dilations=[1, 2], iterations=3)
    assert make_refinement(config) == PAMR(iterations=3, dilations=(1, 2))
    assert config['type'] == 'pamr'  # left as it was
    assert make_refinement(PAMR(iterations=4)) == PAMR(iterations=4)


def test_words_state_every_option():
    words = str(GuidedFilter(radius=3))
    assert words == 'guided(temperature=0.1, radius=3, epsilon=0.001, guide=color)'


@pytest.mark.parametrize(
    'named, said',
    [
        ('sharp', "refine must be one of .*'none'.*, got 'sharp'"),
        (dict(radius=3), 'refine must be one of .* got None'),
        (dict(type='guided', radios=3), r'no radios \(did you mean radius\?\)'),
    ],
)
def test_unknown_names_and_options_are_refused(named, said):
    with pytest.raises(ValueError, match=said):
        make_refinement(named)


def test_maps_of_other_images_are_refused():
    scores, images = random_case()
    with pytest.raises(ValueError, match='2 maps of scores came with 1 images'):
        PAMR()(scores, images[:1])


def test_scores_are_left_as_they_are():
    scores, images = random_case()
    before = scores.clone(), images.clone()
    found = make_refinement('pamr')(scores, images)
    assert found.dtype == scores.dtype
    assert torch.equal(scores, before[0]) and torch.equal(images, before[1])
    assert torch.isfinite(found).all()
