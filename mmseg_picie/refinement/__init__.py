"""Predictions refined by their image: PAMR, guided filter, dense CRF; no labels."""

from .dense_crf import DenseCRF
from .guided_filter import GuidedFilter, box_mean
from .make_refinement import REFINEMENTS, make_refinement
from .pamr import PAMR
from .refinement import Refinement

__all__ = [
    'REFINEMENTS',
    'DenseCRF',
    'GuidedFilter',
    'PAMR',
    'Refinement',
    'box_mean',
    'make_refinement',
]
