"""From a folder of images to clusters: pretrained features first, then PiCIE."""

import time
from pathlib import Path

from ..checkpoints import find_checkpoint, newest_checkpoint
from ..files import locked
from .fit_config import CLUSTERED, clustering_config, training_config
from .fit_plan import FitPlan
from .fit_record import LOCK, FitRecord
from .fit_results import clear_results, write_results
from .fit_runs import Say, run

FEWEST_ROUNDS = 5  # as the recipe has
FEWEST_IMAGES = 48  # of a round
ROUND_COST = 4.0  # times the clustering of as many images
PREVIEW = 'preview'  # what the pretrained features give
CLUSTERS, TRAINING = Path('log') / 'clusters', Path('log') / 'training'


def fit(plan: FitPlan, say: Say) -> Path:
    """Clusters a folder of images and trains from these clusters.

    First the pretrained features are clustered, and what they give is written: masks,
    overlays, pictures of the clusters. Then PiCIE trains from these clusters for the
    minutes of the plan, clusters keep their numbers, and the results are written anew.

    What is done is noted in log/plan.json. A fit that was interrupted goes on after the
    last step that is noted; within the training, after the last whole round.

    Args:
        plan: What to do.
        say: Takes lines for a person.

    Returns:
        The checkpoint, in the plan's folder beside the other results.

    Raises:
        InputError: If another process runs a fit in this folder.
    """
    message = f'another process runs a fit in {plan.out}: wait for it, or stop it'
    with locked(plan.out / LOCK, message):
        record = FitRecord.read(plan.out) if plan.resumes else None
        if record is None:
            record = FitRecord(plan.out, plan.settings)
            record.write()
        last = _clusters(plan, record, say)
        if plan.trains:
            last = _train(plan, record, last, say)
        if plan.resumes:
            clear_results(plan.out)
        model = write_results(plan, last, plan.out, say)
        record.finish('results')
    return model


def _clusters(plan: FitPlan, record: FitRecord, say: Say) -> Path:
    """The checkpoint of the first clusters, which a preview shows before a training."""
    begin = time.monotonic()
    if 'clusters' in record.done:
        first = find_checkpoint(plan.out / CLUSTERS)
    else:
        say('Clustering the pretrained features ...')
        first, seconds = run(clustering_config(plan), say)
        record.finish('clusters', seconds)
    if plan.trains and 'preview' not in record.done:
        folder = plan.out / PREVIEW
        if plan.resumes:
            clear_results(folder)
        write_results(plan, first, folder, say)
        record.finish('preview')
        say(f'  {_minutes(begin)}: look at {folder}')
    return first


def _train(plan: FitPlan, record: FitRecord, first: Path, say: Say) -> Path:
    """The checkpoint of the training."""
    folder = plan.out / TRAINING
    if 'training' in record.done:
        return find_checkpoint(folder)
    begin = time.monotonic()
    images = _images(plan, record.seconds, say)
    cfg = training_config(plan, first, images)
    newest = newest_checkpoint(folder, say)
    if newest is not None:
        cfg.resume, cfg.load_from = True, newest
        done = Path(newest).stem.removeprefix('epoch_')
        say(f'Training goes on after round {done} ...')
    else:
        say('Training PiCIE from these clusters ...')
    run(cfg, say)
    record.finish('training')
    say(f'  {_minutes(begin)} of training')
    return find_checkpoint(folder)


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
