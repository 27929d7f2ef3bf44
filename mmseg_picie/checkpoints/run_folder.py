"""Which checkpoint of a run is meant."""

import re
from pathlib import Path

from ..errors import InputError, MissingFileError
from .newest_checkpoint import checkpoints_by_step
from .pretrained import read_run_checkpoint
from .run_record import LAST
from .weights_hash import weights_hash

# As mmengine's CheckpointHook names them.
BEST = re.compile(r'best_.+_(?:epoch|iter)_(\d+)\.pth')
FITTED = 'clusters.pth'  # of mmseg-picie fit


def find_checkpoint(run: Path, checkpoint: str | None = None) -> Path:
    """The checkpoint file of a run.

    Args:
        run: A folder that ``mmseg-picie fit`` made, or a work directory of a training;
            or a checkpoint file, which is returned as it is.
        checkpoint: :func:`weights_hash` of the weights that are meant, if it is known.

    Returns:
        In a folder, the checkpoint with this hash. Without a hash that of the fit; of
        a training the best one by its validation, and the last one where none was kept
        as the best.

    Raises:
        MissingFileError: If there is no such file or folder.
        InputError: If the folder has no checkpoint, none with this hash, or several
            that are the best by one metric each.
    """
    if run.is_file():
        return run
    if not run.is_dir():
        raise MissingFileError(
            f'{run} does not exist: name the folder of a run, or a checkpoint file '
            '(.pth) in it'
        )
    steps, best = checkpoints_by_step(run), _best(run)
    fitted = [run / FITTED] if (run / FITTED).is_file() else []
    if not fitted and not steps and not best:
        raise InputError(
            f'{run} has no checkpoint ({FITTED}, epoch_N.pth, iter_N.pth, best_*.pth): '
            'name the folder of a run, or a checkpoint file'
        )
    if checkpoint is not None:
        return _with_hash(run, [*fitted, *steps, *best], checkpoint)
    if fitted:
        return fitted[0]
    if len(best) > 1:
        raise InputError(
            f'{run} has several best checkpoints, {", ".join(p.name for p in best)}: '
            'name the one that is meant'
        )
    return best[0] if best else _last(run, steps)


def _best(folder: Path) -> list[Path]:
    """The best checkpoints by their step, latest first."""
    found = [
        (int(match[1]), path)
        for path in folder.iterdir()
        if path.is_file() and (match := BEST.fullmatch(path.name))
    ]
    return [path for _, path in sorted(found, reverse=True)]


def _with_hash(run: Path, files: list[Path], checkpoint: str) -> Path:
    for path in files:
        if weights_hash(read_run_checkpoint(str(path))['state_dict']) == checkpoint:
            return path
    raise InputError(
        f'the names are for the weights {checkpoint}, and no checkpoint of {run} has '
        f'them ({", ".join(path.name for path in files)}): clusters of other weights '
        'are other clusters. Name the run or file that the names were made with, or '
        'look at these clusters and make names of them'
    )


def _last(run: Path, steps: list[Path]) -> Path:
    """What the run says it wrote last, if it is there; else the highest step."""
    record = run / LAST
    if record.is_file():
        # The path is of the place where the run was made.
        name = Path(record.read_text(encoding='utf-8', errors='replace').strip()).name
        for path in steps:
            if path.name == name:
                return path
    return steps[0]
