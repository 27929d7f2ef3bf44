"""The config of a fit follows its plan."""

from pathlib import Path

from mmseg_picie.inference.fit_config import clustering_config, training_config
from mmseg_picie.inference.fit_plan import FitPlan


def configs(tmp_path, **options):
    names = tuple(f'{number}.jpg' for number in range(30))
    plan = FitPlan(tmp_path, names, 8, 64, 5, tmp_path / 'run', **options)
    first = Path('clusters.pth')
    return clustering_config(plan), training_config(plan, first, images=30)


def views_of(cfg):
    (step,) = [
        step
        for step in cfg.train_dataloader.dataset.pipeline
        if step['type'] == 'PairedViews'
    ]
    return step


def test_any_rotation_shows_the_images_in_all_eight_ways(tmp_path):
    for cfg in configs(tmp_path, any_rotation=True):
        step = views_of(cfg)
        assert (step.flip_prob, step.vertical_flip_prob) == (0.5, 0.5)
        assert step.quarter_turns is True
        tested = [step['type'] for step in cfg.test_dataloader.dataset.pipeline]
        assert 'PairedViews' not in tested


def test_without_any_rotation_views_are_those_of_the_paper(tmp_path):
    for cfg in configs(tmp_path):
        step = views_of(cfg)
        assert 'vertical_flip_prob' not in step and 'quarter_turns' not in step
