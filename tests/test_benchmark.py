"""The benchmark's harness, and that its baselines do the job they are timed for."""

import importlib.util
import json
import sys
from argparse import Namespace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from mmseg_picie.models import Clustering, ClusteringLoss
from mmseg_picie.views.params import GeometricParams, PhotometricParams, ViewParams
from mmseg_picie.views.warping import warp

TOOLS = Path(__file__).resolve().parents[1] / 'tools'
sys.path.append(str(TOOLS))

from benchmarks import (  # noqa: E402
    internals,
    kmeans_stage,
    measure,
    released,
    released_evaluation,
    released_views,
    views_stage,
)
from benchmarks.released_views import FRAME, released_photometric  # noqa: E402

COMMON = dict(
    brightness=PhotometricParams(brightness=1.2),
    contrast=PhotometricParams(contrast=0.7),
    saturation=PhotometricParams(saturation=1.3),
    grayscale=PhotometricParams(grayscale=True),
    blur=PhotometricParams(blur_sigma=2.0),
)

# Allocates 64 MiB, keeps nothing.
PEAK = """
import json, sys
sys.path.append({tools!r})
from benchmarks import measure
import torch
case = measure.Case('c', lambda: measure.Job(lambda: torch.ones(1 << 24).sum()))
print(json.dumps(measure.peak(case, sys.argv[-1])))
"""


# --- the harness ------------------------------------------------------------------


def test_sides_take_turns_after_the_warm_up():
    calls = []
    job = measure.Job(lambda: calls.append('o'), lambda: calls.append('b'))
    measure.measure(measure.Case('c', lambda: job, repeats=3, warm_up=2))
    assert ' '.join(calls) == 'o b o b o b b o o b'


def test_times_are_medians_per_unit_and_the_ratio_is_theirs(monkeypatch):
    seconds = dict(ours=iter([1, 2, 9]), baseline=iter([20, 4, 6]))
    monkeypatch.setattr(measure, 'timed', lambda run: next(seconds[run()]))
    job = measure.Job(lambda: 'ours', lambda: 'baseline', units=4)
    row = measure.measure(measure.Case('c', lambda: job, repeats=3))
    assert (row.ours_ms, row.baseline_ms, row.ratio) == (500, 1500, 3)


def test_case_without_a_baseline_has_no_ratio():
    case = measure.Case('c', lambda: measure.Job(lambda: None), repeats=1)
    row = measure.measure(case)
    assert row.baseline_ms is None and row.ratio is None


def test_json_has_the_documented_keys():
    job = measure.Job(lambda: None, lambda: None, remark=lambda: 'none')
    rows = [measure.measure(measure.Case('c', lambda: job, 1.5, repeats=1))]
    report = json.loads(json.dumps(measure.as_json('views', rows)))
    assert set(report) == {'stage', 'machine', 'cases'} and report['stage'] == 'views'
    numbers = ('ms', 'peak_mib')
    sides = {f'{side}_{number}' for side in measure.SIDES for number in numbers}
    case = report['cases'][0]
    assert set(case) == {'case', 'ratio', 'target_ratio', 'notes'} | sides
    assert case['case'] == 'c' and case['target_ratio'] == 1.5
    assert 'none' in case['notes']


@pytest.mark.skipif(
    torch.cuda.is_available() or not measure.can_measure_peaks(),
    reason='measures the memory of the process, which needs Linux',
)
def test_peak_is_what_a_job_allocates(tmp_path):
    script = tmp_path / 'peak.py'
    script.write_text(PEAK.format(tools=str(TOOLS)))
    assert 63 < measure.peak_in_child([str(script)], 'c', 'ours') < 80


# --- views ------------------------------------------------------------------------


@pytest.fixture(scope='module')
def smooth_image():
    """Mid-range colors without fine detail: filters and clipping hardly matter."""
    noise = np.random.default_rng(0).normal(0, 25, (12, 16, 3))
    return cv2.resize(noise + 125, (640, 480)).clip(0, 255).astype(np.uint8)


def difference(image, geometric, photometric):
    """Of each view between both ways, 8-bit levels."""
    params = ViewParams(geometric, photometric, photometric)
    picture = Image.fromarray(image[..., ::-1].copy())
    return views_stage.view_difference([image], [picture], [params])


@pytest.mark.parametrize('flip', [False, True])
@pytest.mark.parametrize('box', [(0, 0, 1, 1), (0.1, 0.25, 0.7, 0.85)])
def test_released_views_equal_ours_at_zero_strength(smooth_image, box, flip):
    geometric = GeometricParams(box, flip)
    assert max(difference(smooth_image, geometric, PhotometricParams())) < 0.7


@pytest.mark.parametrize('name', COMMON)
def test_released_operation_does_what_ours_does(smooth_image, name):
    assert max(difference(smooth_image, GeometricParams(), COMMON[name])) < 0.8


@pytest.mark.parametrize('name', COMMON)
def test_released_operation_changes_a_textured_image(name):
    size = (FRAME, FRAME, 3)
    noise = np.random.default_rng(0).integers(60, 200, size, dtype=np.uint8)
    changed = np.array(released_photometric(Image.fromarray(noise), COMMON[name]))
    assert np.abs(changed.astype(int) - noise).mean() > 3


def test_released_hue_turns_red_into_green_in_a_third_of_a_turn():
    red = Image.new('RGB', (FRAME, FRAME), (200, 0, 0))
    turned = released_photometric(red, PhotometricParams(hue=1 / 3))
    assert np.abs(np.array(turned)[0, 0].astype(int) - (0, 200, 0)).max() <= 2


def test_a_sample_is_decoded_once_for_both_views(smooth_image, monkeypatch):
    picture = Image.fromarray(smooth_image)
    opened = []
    monkeypatch.setattr(
        released_views, 'open_rgb', lambda path: opened.append(path) or picture
    )
    params = ViewParams(GeometricParams(), PhotometricParams(), PhotometricParams())
    files = released_views.ViewFiles(['a', 'b'], [params] * 2, size=32, frame=64)
    index, images, labels = files[1]
    assert (index, opened, labels) == (1, ['b'], [])
    assert [image.shape for image in images] == [(3, 32, 32)] * 2


# --- the released round -----------------------------------------------------------


def test_released_loss_is_ours_by_dot_products_and_frequency():
    g = torch.Generator().manual_seed(0)
    maps = [torch.randn(2, 5, 4, 6, generator=g) for _ in range(2)]
    labels = [torch.randint(7, (2, 4, 6), generator=g) for _ in range(2)]
    centroids = [torch.randn(7, 5, generator=g) for _ in range(2)]
    sizes = [torch.randint(1, 9, (7,), generator=g).double() for _ in range(2)]
    weights = [(size / size.sum()).float() for size in sizes]
    loss = ClusteringLoss('dot', cluster_weight='frequency')
    ids = tuple(map(torch.flatten, labels))
    ours = loss(tuple(maps), [Clustering(ids, tuple(centroids), tuple(sizes))])
    released_value = released.released_loss(maps, labels, centroids, weights)
    assert released_value.item() == pytest.approx(sum(ours.values()).item(), rel=1e-5)


@pytest.mark.parametrize('flip', [False, True])
def test_released_crop_of_whole_cells_is_the_warp(flip):
    feature = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(0))
    box = (0.25, 0.5, 0.75, 1.0)
    params = ViewParams(
        GeometricParams(box, flip), PhotometricParams(), PhotometricParams()
    )
    ours = warp(feature[None], torch.tensor([box]), torch.tensor([flip]), (8, 8))[0]
    theirs = released.crop_features(feature, params)
    # Ours sees the cells beside the box, theirs repeats the border.
    assert torch.allclose(ours[:, 1:-1, 1:-1], theirs[:, 1:-1, 1:-1], atol=1e-5)


def test_released_evaluation_of_renamed_clusters_is_perfect():
    centroids = torch.eye(3)
    labels = torch.tensor([[[0, 0, 1], [2, 2, 255]]])
    renamed = torch.tensor([2, 0, 1])  # cluster of each class
    clusters = renamed[labels.clamp(max=2)]
    maps = torch.nn.functional.one_hot(clusters, 3).permute(0, 3, 1, 2).float()
    batches = [(maps, labels)]
    network = torch.nn.Identity()
    assert released_evaluation.evaluate(network, centroids, batches, 3) == (1.0, 1.0)


# --- k-means ----------------------------------------------------------------------


@pytest.fixture(scope='module')
def points():
    return kmeans_stage.fill_with_mixture(torch.empty(3000, 16), seed=1)


def test_points_are_unit_vectors_that_a_seed_determines(points):
    again = kmeans_stage.fill_with_mixture(torch.empty(3000, 16), seed=1)
    assert torch.allclose(points.norm(dim=1), torch.ones(3000))
    assert torch.equal(points, again)


def test_drawn_stream_has_the_points_it_is_asked_for():
    count = kmeans_stage.BATCH + 10
    batches = [len(batch) for batch in kmeans_stage.drawn_stream(count)]
    assert batches == [kmeans_stage.BATCH, 10]


def test_released_update_equals_partial_fit(points):
    start = kmeans_stage.some_of(points, 7)
    batches = points.split(1100)
    ours = internals.stream_means(batches, start)
    released = kmeans_stage.released_update([b.numpy() for b in batches], start.numpy())
    assert (ours - start).abs().max() > 0.1
    assert np.allclose(ours.numpy(), released, atol=1e-5)


def test_one_iteration_of_faiss_equals_partial_fit_of_everything(points):
    pytest.importorskip('faiss')
    start = kmeans_stage.some_of(points, 7)
    lloyd = kmeans_stage.faiss_lloyd(points.numpy(), start.numpy())
    assert np.allclose(
        internals.stream_means([points], start).numpy(), lloyd, atol=1e-5
    )


def test_without_faiss_its_cases_are_left_out_with_a_reason(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    cases = kmeans_stage.cases(Namespace(threads=1))
    assert [case.name for case in cases] == ['memory, 1 M points', 'memory, 8 M points']
    assert 'pip install faiss-cpu' in capsys.readouterr().err
