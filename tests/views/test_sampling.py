import copy
import dataclasses
import multiprocessing
import pickle

import numpy as np
import pytest
from scipy import stats

from mmseg_picie.views.clock import RoundClock
from mmseg_picie.views.geometric import crop_image
from mmseg_picie.views.params import GeometricParams, PhotometricParams
from mmseg_picie.views.sampling import (
    ViewRanges,
    classifier_seed,
    draw_order,
    draw_pixels,
    draw_view_params,
    process_seed,
)

RANGES = ViewRanges()


def test_draws_are_a_function_of_seed_round_and_index():
    base = draw_view_params(0, 0, 0, RANGES)
    assert draw_view_params(0, 0, 0, RANGES) == base
    for key in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
        assert draw_view_params(*key, RANGES) != base


def test_views_are_drawn_apart():
    params = draw_view_params(0, 0, 0, RANGES)
    assert params.photometric1 != params.photometric2


@pytest.mark.parametrize(
    ('name', 'low', 'high'),
    [
        ('brightness', 0.7, 1.3),
        ('contrast', 0.7, 1.3),
        ('saturation', 0.7, 1.3),
        ('hue', -0.1, 0.1),
        ('blur_sigma', 0.1, 2.0),
    ],
)
def test_photometric_marginals_match_their_ranges(name, low, high):
    neutral = dict(hue=0.0, blur_sigma=0.0).get(name, 1.0)
    rate = 0.5 if name == 'blur_sigma' else 0.8
    values = np.array(
        [
            getattr(draw_view_params(3, 1, i, RANGES).photometric2, name)
            for i in range(2000)
        ]
    )
    applied = values[values != neutral]
    assert abs(len(applied) / len(values) - rate) < 0.04
    uniform = stats.uniform(low, high - low)
    assert stats.kstest(applied, uniform.cdf).pvalue > 1e-3


def assert_independent(columns):
    """No two columns of 2000 draws are correlated (standard error 0.022)."""
    correlations = np.corrcoef(columns.T) - np.eye(columns.shape[1])
    assert np.abs(correlations).max() < 0.1


@pytest.mark.parametrize('prob', [0.5, 1.0])
def test_photometric_draws_are_independent_of_each_other(prob):
    # With probability 1 the magnitudes show, with 0.5 which operations are applied.
    ranges = ViewRanges(jitter_prob=prob, blur_prob=prob, grayscale_prob=0.5)
    draws = [draw_view_params(0, 0, i, ranges) for i in range(2000)]
    views = [
        np.array([dataclasses.astuple(getattr(d, name)) for d in draws], float)
        for name in ('photometric1', 'photometric2')
    ]
    columns = np.concatenate(views, axis=1)
    neutral = dataclasses.astuple(PhotometricParams()) * 2
    assert_independent(columns if prob == 1 else columns != neutral)


def test_geometric_marginals_match_their_ranges():
    draws = [draw_view_params(0, 0, i, RANGES).geometric for i in range(2000)]
    boxes = np.array([draw.box for draw in draws])
    sides = boxes[:, 2] - boxes[:, 0]
    assert np.allclose(sides, boxes[:, 3] - boxes[:, 1])
    assert boxes.min() >= 0 and boxes.max() <= 1
    assert stats.kstest(sides, stats.uniform(0.5, 0.5).cdf).pvalue > 1e-3
    places = boxes[:, :2] / (1 - sides)[:, None]
    for place in places.T:
        assert stats.kstest(place, stats.uniform(0, 1).cdf).pvalue > 1e-3
    flips = [draw.flip for draw in draws]
    assert_independent(np.column_stack([sides, places, flips]))
    assert abs(np.mean([draw.flip for draw in draws]) - 0.5) < 0.04


ANY_WAY = ViewRanges(vertical_flip_prob=0.5, quarter_turns=True)


def geometric_by_hand(seed, round_index, index):
    """Box and flip as they were drawn before there were turns: four numbers."""
    rng = np.random.default_rng((seed, round_index, 0, index))
    size, left, top, flip = rng.random(4)
    ratio = 0.5 + 0.5 * size
    x0, y0 = left * (1 - ratio), top * (1 - ratio)
    return GeometricParams((x0, y0, x0 + ratio, y0 + ratio), bool(flip < 0.5), 0)


def test_turns_left_the_draws_of_the_defaults_as_they_were():
    keys = [
        (seed, r, 11 * seed + i)
        for seed in (0, 7)
        for r in range(5)
        for i in (0, 3, 8, 40, 999)
    ]
    assert len(set(keys)) == 50
    for key in keys:
        drawn = draw_view_params(*key, RANGES).geometric
        assert drawn == geometric_by_hand(*key)
        turned = draw_view_params(*key, ANY_WAY)
        assert turned.geometric.box == drawn.box
        assert turned.photometric1 == draw_view_params(*key, RANGES).photometric1


def test_each_of_the_eight_ways_is_as_likely():
    ways = [draw_view_params(0, 0, i, ANY_WAY).geometric for i in range(4000)]
    counts = np.bincount([4 * way.flip + way.turns for way in ways], minlength=8)
    assert len(counts) == 8 and stats.chisquare(counts).pvalue > 1e-3


def test_vertical_flip_is_a_flip_and_half_a_turn():
    always = ViewRanges(flip_prob=0, vertical_flip_prob=1)
    both = ViewRanges(flip_prob=1, vertical_flip_prob=1)
    image = np.arange(16.0).reshape(4, 4)
    for index in range(20):
        upside_down = draw_view_params(0, 0, index, always).geometric
        half_turn = draw_view_params(0, 0, index, both).geometric
        shown = crop_image(
            image, (0, 0, 4, 4), upside_down.flip, (4, 4), upside_down.turns
        )
        assert np.array_equal(shown, image[::-1])
        assert (half_turn.flip, half_turn.turns) == (False, 2)


def test_gates_and_magnitudes_are_independent():
    # Reusing the gate's draw for the magnitude halves the range (docs/reference.md R2).
    draws = [draw_view_params(0, 0, i, RANGES).photometric1 for i in range(2000)]
    assert max(draw.brightness for draw in draws) > 1.29
    assert min(draw.brightness for draw in draws) < 0.71


def test_probability_zero_and_one_are_never_and_always():
    never = ViewRanges(jitter_prob=0, grayscale_prob=0, blur_prob=0, flip_prob=0)
    always = ViewRanges(grayscale_prob=1, blur_prob=1, flip_prob=1)
    for index in range(50):
        off, on = (draw_view_params(0, 0, index, r) for r in (never, always))
        assert off.photometric1 == type(off.photometric1)()
        assert not off.geometric.flip and on.geometric.flip
        assert on.photometric1.grayscale and on.photometric1.blur_sigma > 0


BLUR_OF_THE_GATE = ViewRanges(blur_draw='gate')


def cdf_of_the_gate(sigma):
    """Of |s|, s uniform over (-1.8, 0.1), as released (docs/reference.md R2)."""
    sigma = np.clip(sigma, 0, 1.8)
    return (np.minimum(sigma, 0.1) + sigma) / 1.9


def test_sigma_of_the_gate_has_the_released_distribution():
    sigmas = np.array(
        [
            draw_view_params(2, 0, i, BLUR_OF_THE_GATE).photometric1.blur_sigma
            for i in range(4000)
        ]
    )
    blurred = sigmas[sigmas > 0]
    assert abs(len(blurred) / len(sigmas) - 0.5) < 0.04
    assert blurred.max() < 1.8
    assert stats.kstest(blurred, cdf_of_the_gate).pvalue > 1e-3


def test_sigma_of_the_gate_changes_no_other_draw():
    for index in range(20):
        own = draw_view_params(0, 0, index, RANGES).photometric2
        gate = draw_view_params(0, 0, index, BLUR_OF_THE_GATE).photometric2
        assert (own.blur_sigma > 0) == (gate.blur_sigma > 0)
        assert dataclasses.replace(own, blur_sigma=gate.blur_sigma) == gate


@pytest.mark.parametrize(
    ('option', 'value'),
    [
        ('flip_prob', 1.5),
        ('vertical_flip_prob', -0.5),
        ('quarter_turns', 0.5),
        ('quarter_turns', 'no'),
        ('hue', 0.6),
        ('brightness', -0.1),
        ('crop_ratio', (0.9, 0.5)),
        ('crop_ratio', (0.5, 1.1)),
        ('blur_sigma', (-1, 2)),
        ('blur_draw', 'both'),
    ],
)
def test_bad_range_is_named(option, value):
    with pytest.raises(ValueError, match=option):
        ViewRanges(**{option: value})


def test_sigma_of_a_gate_that_always_opens_is_refused():
    with pytest.raises(ValueError, match="blur_draw='gate' needs blur_prob < 1"):
        ViewRanges(blur_draw='gate', blur_prob=1)


def test_order_is_a_keyed_permutation():
    order = draw_order(0, 3, 100)
    assert sorted(order) == list(range(100))
    assert np.array_equal(order, draw_order(0, 3, 100))
    assert not np.array_equal(order, draw_order(0, 4, 100))


def test_pixels_are_distinct_and_keyed_by_seed_round_and_image():
    drawn = draw_pixels(0, 0, 5, 1000, 50)
    assert len(set(drawn)) == 50 and 0 <= drawn.min() and drawn.max() < 1000
    for key in ((1, 0, 5), (0, 1, 5), (0, 0, 6)):
        assert not np.array_equal(drawn, draw_pixels(*key, 1000, 50))
    assert np.array_equal(draw_pixels(0, 0, 5, 20, 50), np.arange(20))


def test_process_seed_differs_by_round_and_rank():
    seeds = {process_seed(0, r, p) for r in range(5) for p in range(2)}
    assert len(seeds) == 10


def test_classifier_seed_differs_by_round_and_from_the_processes():
    seeds = {process_seed(0, r, p) for r in range(5) for p in range(2)}
    seeds |= {classifier_seed(s, r) for r in range(5) for s in range(2)}
    assert len(seeds) == 20


def _read(clock, queue):
    queue.put(clock.read())


@pytest.mark.parametrize('method', ['fork', 'spawn'])
def test_clock_reaches_other_processes(method):
    clock = RoundClock()
    clock.set(7, 2)
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    process = context.Process(target=_read, args=(clock, queue))
    process.start()
    assert queue.get(timeout=60) == (7, 2)
    process.join()


def test_copies_of_the_clock_are_the_clock():
    clock = RoundClock()
    copied = copy.deepcopy({'dataset': clock})['dataset']
    clock.set(1, 9)
    assert copied is clock and copy.copy(clock) is clock
    assert copied.read() == (1, 9)


def test_negative_round_is_refused():
    with pytest.raises(ValueError, match='seed and round must be >= 0'):
        RoundClock().set(0, -1)
    assert pickle.loads(pickle.dumps(RANGES)) == RANGES
