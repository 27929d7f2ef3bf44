"""From a folder of images to clusters: pretrained features first, then PiCIE."""

import time
from pathlib import Path

from .fit_config import CLUSTERED, clustering_config, training_config
from .fit_plan import FitPlan
from .fit_results import write_results
from .fit_runs import Say, run

FEWEST_ROUNDS = 5  # as the recipe has
FEWEST_IMAGES = 48  # of a round
ROUND_COST = 4.0  # times the clustering of as many images
PREVIEW = 'preview'  # what the pretrained features give


def fit(plan: FitPlan, say: Say) -> Path:
    """Clusters a folder of images and trains from these clusters.

    First the pretrained features are clustered, and what they give is written: masks,
    overlays, pictures of the clusters. Then PiCIE trains from these clusters for the
    minutes of the plan, clusters keep their numbers, and the results are written anew.

    Args:
        plan: What to do.
        say: Takes lines for a person.

    Returns:
        The checkpoint, in the plan's folder beside the other results.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    say('Clustering the pretrained features ...')
    first, seconds = run(clustering_config(plan), say)
    folder = plan.out / PREVIEW if plan.trains else plan.out
    model = write_results(plan, first, folder, say)
    say(f'  {_minutes(begin)}: look at {folder}')
    if plan.trains:
        say('Training PiCIE from these clusters ...')
        begin = time.monotonic()
        images = _images(plan, seconds, say)
        last, _ = run(training_config(plan, first, images), say)
        say(f'  {_minutes(begin)} of training')
        model = write_results(plan, last, plan.out, say)
    return model


def _images(plan: FitPlan, seconds: float, say: Say) -> int:
    """Images of a round, all or so many that the minutes hold enough rounds.

    Args:
        plan: The plan.
        seconds: That the first clusters took.
        say: Takes lines for a person.
    """
    total = len(plan.names)
    if plan.rounds is not None:
        return total
    clustered = min(total, CLUSTERED)
    visits = 60 * plan.minutes * clustered / (seconds * ROUND_COST)
    images = int(min(total, max(FEWEST_IMAGES, visits / FEWEST_ROUNDS)))
    if images < total:
        say(f'  a round trains on {images} of the {total} images')
    return images


def _minutes(begin: float) -> str:
    return f'{(time.monotonic() - begin) / 60:.1f} minutes'
