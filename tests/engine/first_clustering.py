"""What the first round of a run clusters, for expected values."""

from small_run import SEED

from mmseg_picie.datasets import collate_views
from mmseg_picie.views import round_clock

NUM_IMAGES = 7


def batch_of(runner, model, order=range(NUM_IMAGES)):
    """The views of round 0 in one batch, normalized."""
    round_clock.set(SEED, 0)
    samples = [runner.train_dataloader.dataset[int(index)] for index in order]
    return model.data_preprocessor(collate_views(samples), True)['inputs']


def points_of(maps):
    """Maps (N, D, h, w) as points (M, D)."""
    return [m.permute(0, 2, 3, 1).flatten(0, 2) for m in maps]
