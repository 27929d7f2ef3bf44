"""From a folder of images to clusters: pretrained features first, then PiCIE."""

import time
from pathlib import Path

from .fit_config import clustering_config, training_config
from .fit_plan import FitPlan
from .fit_results import write_results
from .fit_runs import Say, run

PROBED = 48  # images of the short round whose time is taken
FEWEST_ROUNDS, MOST_ROUNDS = 5, 20  # the recipe's five; more drift than learn
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
    first, _ = run(clustering_config(plan), _say_nothing)
    folder = plan.out / PREVIEW if plan.minutes else plan.out
    model = write_results(plan, first, folder, say)
    say(f'  {_minutes(begin)}: look at {folder}')
    if plan.minutes:
        begin = time.monotonic()
        images, rounds = _schedule(plan, first, say)
        last, _ = run(training_config(plan, first, images, rounds), say)
        say(f'  {_minutes(begin)} of training')
        model = write_results(plan, last, plan.out, say)
    return model


def _schedule(plan: FitPlan, first: Path, say: Say) -> tuple[int, int]:
    """Images and rounds that fill the minutes, by the time that a short round takes."""
    total = len(plan.names)
    count = min(PROBED, total)
    _, (seconds,) = run(training_config(plan, first, count, 1, 'probe'), _say_nothing)
    visits = 60 * plan.minutes * count / seconds
    rounds = int(max(FEWEST_ROUNDS, min(MOST_ROUNDS, visits // total)))
    images = int(min(total, visits / rounds))
    if images < count:
        images, rounds = count, max(1, int(visits / count))
    of = '' if images == total else f' of {images} of the {total} images'
    say(
        f'Training PiCIE: {rounds} rounds{of}, about '
        f'{rounds * seconds * images / count / 60:.1f} minutes ...'
    )
    return images, rounds


def _say_nothing(line: str) -> None:
    pass


def _minutes(begin: float) -> str:
    return f'{(time.monotonic() - begin) / 60:.1f} minutes'
