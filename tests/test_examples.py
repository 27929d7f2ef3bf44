"""The examples in docstrings give what they show."""

import doctest
import importlib

import pytest

MODULES = (
    'checkpoints.name_sources',
    'checkpoints.names',
    'checkpoints.names_file',
    'checkpoints.plain_layers',
    'checkpoints.weights_hash',
    'clustering.assignment',
    'clustering.mask_proposals',
    'clustering.nearest_points',
    'clustering.settings',
    'evaluation.hungarian_iou_metric',
    'refinement.guided_filter',
    'refinement.make_refinement',
    'refinement.pamr',
    'report.html_page',
    'report.positions',
    'report.relations',
    'scores.agreement',
    'scores.cards',
    'scores.label_free',
    'scores.matching',
    'scores.nearest_names',
    'scores.partitions',
    'views.geometric',
    'views.pair',
    'views.photometric',
    'views.sampling',
)


@pytest.mark.parametrize('name', MODULES)
def test_examples_of_a_module_hold(name):
    result = doctest.testmod(importlib.import_module(f'mmseg_picie.{name}'))
    assert result.attempted > 0
    assert result.failed == 0
