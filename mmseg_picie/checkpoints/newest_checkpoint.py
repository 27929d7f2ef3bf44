"""The checkpoint that a run goes on from: the newest whole one of its folder."""

import functools
import logging
import re
from collections.abc import Callable
from pathlib import Path

import mmengine.runner
from mmengine.logging import print_log

from ..errors import InputError
from .pretrained import read_run_checkpoint
from .run_record import LAST, RunRecord

# As mmengine's CheckpointHook names them, and with another filename_tmpl.
STEP = re.compile(r'(?:epoch|iter)_(\d+)\.pth')
OTHER_STEP = re.compile(r'(?!best_).*?(\d+)\.\w+')

Say = Callable[[str], None]


def newest_checkpoint(folder: Path, say: Say) -> str | None:
    """The newest checkpoint of a folder that a run can go on from.

    Newest is the highest step. If ``last_checkpoint`` names a lower one that was
    written later, it is that one: the run went back and goes another way. Only files of
    the folder itself count, so that a folder may be moved or copied. Where it has none,
    a note that leads to another folder (``ckpts/run/epoch_3.pth``) is followed, once.

    Args:
        folder: Where a run writes its checkpoints, or its work directory.
        say: Takes one line for each file that is passed over, with the reason.

    Returns:
        Its path; None where there is no checkpoint.

    Raises:
        InputError: If there are checkpoints and none is whole, or the note leads to a
            folder that has none.
    """
    files = checkpoints_by_step(folder)
    noted = _noted(folder, say, bool(files))
    if not files and noted is not None and Path(noted).name != noted:
        folder, files = _elsewhere(folder, noted)
    last = None if noted is None else folder / Path(noted).name
    if last is not None and not last.is_file():
        say(f'{folder / LAST} names {last.name}, which is not there')
    newest, newest_time, reasons = None, '', []
    for path in files:
        if newest is not None and path != last:
            continue
        try:
            loaded = read_run_checkpoint(str(path), resume=True)
        except (InputError, OSError) as error:
            reasons.append(str(error))
            say(f'passed over: {error}')
            continue
        time = str(loaded['meta'].get('time', ''))
        if newest is None or time > newest_time:
            newest, newest_time = path, time
    if newest is None and files:
        raise InputError(
            f'no checkpoint in {folder} is whole, so nothing can go on from them '
            f'({reasons[0]}). To begin anew, name another --work-dir or remove them'
        )
    return None if newest is None else str(newest)


def checkpoints_by_step(folder: Path) -> list[Path]:
    """The checkpoints of a run's steps in its folder, latest first; not the best."""
    if not folder.is_dir():
        return []
    written, found = RunRecord.read(folder).written, []
    for path in folder.iterdir():
        pattern = OTHER_STEP if path.name in written else STEP
        match = pattern.fullmatch(path.name)
        if match and path.is_file():
            found.append((int(match[1]), path))
    return [path for _, path in sorted(found, reverse=True)]


def _noted(folder: Path, say: Say, is_needed: bool) -> str | None:
    """What ``last_checkpoint`` says."""
    note = folder / LAST
    if not note.is_file():
        if is_needed:
            say(f'{note} is not there; looking at the checkpoints themselves')
        return None
    text = note.read_text(encoding='utf-8', errors='replace').strip('\0 \n')
    if not text and is_needed:
        say(f'{note} is empty; looking at the checkpoints themselves')
    if '://' in text:  # whoever wrote it; nothing is fetched that nobody asked for
        say(f'{note} names the address {text}, which is not fetched')
        return None
    return text or None


def _elsewhere(folder: Path, noted: str) -> tuple[Path, list[Path]]:
    """Where a note leads, and the checkpoints there; an absolute one stays here."""
    if Path(noted).is_absolute():
        return folder, []
    there = (folder / noted).parent
    files = checkpoints_by_step(there)
    if not files:
        raise InputError(
            f'{folder / LAST} names {noted}, and there is no checkpoint in {there}: '
            'bring them back, or remove the note to begin anew'
        )
    return there, files


def resume_from_newest() -> None:
    """Lets any runner of mmengine with ``resume=True`` go on from the newest whole one.

    mmengine takes what ``last_checkpoint`` says, wherever and whatever that is. It is
    safe to call this again.
    """

    @functools.wraps(mmengine.runner.find_latest_checkpoint)
    def find(path: str) -> str | None:
        def warn(line: str) -> None:
            print_log(line, 'current', level=logging.WARNING)

        return newest_checkpoint(Path(path), warn)

    for module in (mmengine.runner, mmengine.runner.runner, mmengine.runner.checkpoint):
        module.find_latest_checkpoint = find


resume_from_newest()
