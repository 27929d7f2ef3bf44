"""The dense CRF: what the package is told, and its errors without the package."""

from importlib.util import find_spec

import pytest
import torch
from image_cases import cut_case

from mmseg_picie.refinement import DenseCRF, dense_crf

needs_package = pytest.mark.skipif(
    find_spec('pydensecrf') is None, reason='needs pydensecrf2: mmseg_picie[crf]'
)


@needs_package
def test_border_goes_to_the_edge_of_the_image():
    scores, image, edge = cut_case()
    assert (DenseCRF(color_std=13)(scores, image).argmax(1) == edge).all()


@needs_package
def test_without_pairs_shares_stay():
    scores = torch.randn(2, 3, 5, 7, generator=torch.Generator().manual_seed(0))
    crf = DenseCRF(smooth_weight=0, color_weight=0, temperature=0.5)
    found = crf(scores, torch.rand(2, 3, 5, 7))
    assert torch.allclose(found, (scores / 0.5).softmax(1), atol=1e-5)


@needs_package
@pytest.mark.parametrize(
    'options, said',
    [
        (dict(iterations=0), 'refine.iterations must be >= 1, got 0'),
        (dict(color_std=0), 'refine.color_std must be > 0, got 0'),
    ],
)
def test_what_cannot_be_meant_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        DenseCRF(**options)


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(dense_crf, 'find_spec', lambda name: None)
    with pytest.raises(ValueError, match=r"refine='crf' needs .*mmseg_picie\[crf\]"):
        DenseCRF()
