"""What a fit will do, checked and said before it is done."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..engine import few_images, fitting_size, short_side
from ..errors import InputError, MissingFileError, check_least
from ..files import left_out_sentences, list_images
from .fit_record import FitRecord

DEFAULT_SIZE = 256
LEAST_SIZE = 32  # the deepest map of the network then has one cell
RUNS = Path('runs')


@dataclass(frozen=True)
class FitPlan:
    """A fit in figures.

    Attributes:
        images: Folder.
        names: Images in it, paths below it.
        clusters: Number of clusters K.
        size: Short side in pixels at which the network sees an image.
        minutes: Of training after the first clusters, 0 for none.
        rounds: Of training, an exact number in place of the minutes.
        out: Folder of the results.
        seed: Of all draws.
        any_rotation: Whether images have no up and down.
        notes: What the person should know.
        resumes: Whether ``out`` holds a fit of these settings that was interrupted.
    """

    images: Path
    names: tuple[str, ...]
    clusters: int
    size: int
    minutes: float
    out: Path
    seed: int = 0
    any_rotation: bool = False
    rounds: int | None = None
    notes: tuple[str, ...] = ()
    resumes: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """What a fit that goes on must have as it was."""
        names = hashlib.sha256('\n'.join(self.names).encode()).hexdigest()
        minutes = None if self.rounds is not None else self.minutes
        return {
            'IMAGES': str(self.images.resolve()),
            'number of images': len(self.names),
            'names of images': names[:8],
            '--clusters': self.clusters,
            '--size': self.size,
            '--minutes': minutes,
            '--rounds': self.rounds,
            '--seed': self.seed,
            '--any-rotation': self.any_rotation,
        }

    @property
    def trains(self) -> bool:
        """Whether training follows the first clusters."""
        return self.minutes > 0 if self.rounds is None else self.rounds > 0


def make_plan(
    images: str | Path,
    clusters: int = 100,
    minutes: float = 5,
    size: int | None = None,
    out: str | Path | None = None,
    seed: int = 0,
    any_rotation: bool = False,
    rounds: int | None = None,
) -> FitPlan:
    """Checks what was asked for and settles what was not.

    Args:
        images: Folder of images; sub-folders are read too.
        clusters: Number of clusters K, >= 2.
        minutes: Minutes of training after the first clusters, >= 0.
        size: Short side of the network's input. By default 256, less where the images
            are smaller: blown up they would show nothing more.
        out: Folder of the results, new or empty, or that of a fit of the same settings
            that was interrupted. By default runs/NAME of the images.
        seed: Of all draws.
        any_rotation: Whether images have no up and down (cells, aerial images): the
            training then also turns and mirrors them upside down.
        rounds: Rounds of training over all images, in place of the minutes: the result
            then depends on the seed alone, not on the machine's speed.

    Raises:
        MissingFileError: If the folder does not exist.
        InputError: If a value is out of range, the folder holds no image, ``out`` is
            not empty, or it holds an interrupted fit of other settings.
    """
    folder = Path(images)
    if not folder.is_dir():
        raise MissingFileError(f'IMAGES {folder} is not an existing folder')
    for name, value, least in (
        ('clusters', clusters, 2),
        ('minutes', minutes, 0),
        ('rounds', rounds, 0),
        ('size', size, LEAST_SIZE),
        ('seed', seed, 0),
    ):
        check_least(name, value, least)
    names, left_out = list_images(folder)
    if not names:
        raise InputError(f'{folder} holds no image: name another folder')
    notes = left_out_sentences(folder, left_out)
    if size is None:
        size, note = _size_of(folder, names)
        notes += note
    _check_enough(len(names), size, clusters)
    few = few_images(len(names), clusters)
    notes += [few] if few else []
    plan = FitPlan(
        folder,
        tuple(names),
        clusters,
        size,
        minutes,
        RUNS if out is None else Path(out),
        seed,
        any_rotation,
        rounds,
        tuple(notes),
    )
    return _in_folder_of_images(plan) if out is None else _in_given_folder(plan)


def describe_plan(plan: FitPlan) -> list[str]:
    """Lines that say what will be done, before it is done."""
    training = 'no training (--minutes 0)'
    if plan.trains and plan.rounds is None:
        training = f'then PiCIE trains for {plan.minutes:g} minutes (--minutes)'
    elif plan.trains:
        training = f'then PiCIE trains for {plan.rounds} rounds (--rounds)'
    begun = FitRecord.read(plan.out) if plan.resumes else None
    progress = f': {begun.progress}' if begun and begun.progress else ''
    return [
        *[f'goes on with the fit that was interrupted{progress}'] * plan.resumes,
        f'{len(plan.names)} images in {plan.images}, seen at {plan.size} px (--size)',
        f'{plan.clusters} clusters of pretrained features (--clusters), {training}',
        f'results go to {plan.out} (--out)',
        *plan.notes,
    ]


def evenly(names: Sequence[str], count: int) -> list[str]:
    """At most ``count`` of the names, evenly spread over them."""
    picked = np.linspace(0, len(names) - 1, min(count, len(names)))
    return [names[index] for index in picked.round().astype(int)]


def empty_folder(out: Path) -> Path:
    """The folder of results, if it is new or empty.

    Raises:
        InputError: If it holds something.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f'out {out} is not an empty folder: name a new one with --out, so that '
            'nothing of yours is overwritten'
        )
    return out


def _size_of(folder: Path, names: list[str]) -> tuple[int, list[str]]:
    """The network's size for images as they are, and what to say about it."""
    side = short_side([folder / name for name in names])
    if side is None or fitting_size(side) >= DEFAULT_SIZE:
        return DEFAULT_SIZE, []
    size = fitting_size(side)
    return size, [f'images are about {side} px, so the network sees them at {size} px']


def _check_enough(num_images: int, size: int, clusters: int) -> None:
    cells = num_images * (size // 4) ** 2
    if clusters > cells // 10:
        raise InputError(
            f'clusters is {clusters}, but {num_images} images of {size} px have '
            f'{cells} cells to cluster, fewer than 10 for each: lower --clusters or '
            'add images'
        )


def _in_given_folder(plan: FitPlan) -> FitPlan:
    begun = FitRecord.read(plan.out)
    if begun is None or begun.is_finished:
        empty_folder(plan.out)
        return plan
    begun.check_same(plan.settings)
    return replace(plan, resumes=True)


def _in_folder_of_images(plan: FitPlan) -> FitPlan:
    """The plan in a new folder, or in the last one if that was interrupted."""
    name = plan.images.resolve().name
    last = None
    for number in itertools.count(1):
        folder = RUNS / (name if number == 1 else f'{name}_{number}')
        if not folder.exists():
            break
        last = FitRecord.read(folder)
    if last and not last.is_finished and last.settings == plan.settings:
        return replace(plan, out=last.folder, resumes=True)
    return replace(plan, out=folder)
