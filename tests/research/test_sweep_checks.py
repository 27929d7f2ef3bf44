"""Runs that would end without figures are refused before the first trains."""

import pytest
from sweep_checks import check_is_scored
from sweep_results import SweepRow

from mmseg_picie.errors import InputError

CONFIG = """
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=2, val_interval=1)
val_dataloader = dict(batch_size=1)
val_cfg = dict(type='ValLoop')
val_evaluator = dict(type='HungarianIoUMetric')
"""
UNLABELED = dict(type='ClusterStatisticsMetric')


@pytest.fixture
def row(tmp_path):
    (tmp_path / 'config.py').write_text(CONFIG)
    return SweepRow('b', str(tmp_path / 'config.py'))


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        ({'val_evaluator': UNLABELED}, 'config.py is ClusterStatisticsMetric, which'),
        ({'val_evaluator': [UNLABELED]}, 'config.py is ClusterStatisticsMetric, which'),
        ({'val_evaluator': None}, 'has no val_evaluator; a sweep compares aAcc and'),
        ({'val_dataloader': None}, 'has no val_dataloader'),
        ({'val_cfg': None}, 'has no val_cfg'),
        ({'train_cfg.val_begin': 3}, r'val_begin is 3, after the last round \(2\)'),
        ({'train_cfg.val_interval': 5}, r'val_interval is 5, after the last round'),
        ({'val_cfg.type.x': 5}, 'with its options cannot be read'),
    ],
)
def test_run_that_no_validation_scores_is_refused(row, options, words):
    with pytest.raises(InputError, match=f'^row b: .*{words}'):
        check_is_scored(row, options)


@pytest.mark.parametrize(
    'options',
    [
        {},
        {'train_cfg.val_begin': 2},
        {'train_cfg.val_interval': 2},
        {'val_evaluator': [UNLABELED, dict(type='HungarianIoUMetric')]},
        {'val_evaluator.type': 'OwnMetric'},  # may give the figures
    ],
)
def test_run_with_a_scored_validation_passes(row, options):
    check_is_scored(row, options)


def test_labels_given_by_options_are_labels(row, tmp_path):
    (tmp_path / 'config.py').write_text(
        CONFIG.replace('HungarianIoU', 'ClusterStatistics')
    )
    with pytest.raises(InputError, match='give the labels of a folder'):
        check_is_scored(row, {})
    check_is_scored(row, {'val_evaluator.type': 'HungarianIoUMetric'})
