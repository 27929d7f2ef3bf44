"""CheckpointHook: mmengine's, with files that are whole or not there.

It removes nothing but what its run wrote, and only once there is something newer.
"""

import bisect
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mmengine.hooks
from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmseg.registry import HOOKS

from ...checkpoints import RunRecord, write_last
from ...files import put_whole


@HOOKS.register_module()
class CheckpointHook(mmengine.hooks.CheckpointHook):
    """Saves checkpoints as mmengine's hook of this name, whose place it takes.

    mmengine removes the former best checkpoint, and old ones with ``max_keep_ckpts``,
    at paths that it finds in the checkpoint that a run goes on from, folders with all
    that is in them included. A stranger's file could so remove anything, and a run that
    goes on in another folder removes the best of the first one. Here a file is removed
    only if it lies in the run's own folder and the run wrote it: the names are in
    ``checkpoints.json`` there.

    mmengine also removes the old checkpoint before it writes the new one, and writes in
    place: a run that is killed meanwhile is lost. Here a checkpoint is written aside
    (``NAME.part``), takes its place when the disk has it, and what it makes needless is
    removed last. ``last_checkpoint`` is written likewise, and holds a name without the
    folder, so that the folder may be moved.

    A run that is killed in a validation repeats it when it goes on, before anything
    else, so that its figures and its best checkpoint are those of a run that was not
    killed. Arguments are mmengine's.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._outdated: list[str] = []
        self._record: RunRecord | None = None  # of a training

    def before_train(self, runner: Runner) -> None:
        """Takes up what the run has written, if it goes on; trusts no stored path."""
        info = runner.message_hub.runtime_info
        steps = info.pop('keep_ckpt_ids', [])
        super().before_train(runner)
        self._is_local = isinstance(self.file_backend, LocalBackend)
        self.file_backend = _OwnFiles(self.file_backend, self)
        resumes = runner._resume
        self._record = RunRecord.read(Path(self.out_dir)) if resumes else RunRecord()
        for name in list(self._record.written):  # left by a run that was killed
            self._remove_own(_draft_of(name))
        self._forget_foreign_best(runner)
        if self.max_keep_ckpts > 0:
            kept = [step for step in steps if type(step) is int]
            for step in kept[: -self.max_keep_ckpts]:
                self._remove_own(self.filename_tmpl.format(step))
            self.keep_ckpt_ids = deque(kept, self.max_keep_ckpts)
            info['keep_ckpt_ids'] = list(self.keep_ckpt_ids)
        if resumes:
            self._repeat_validation(runner)

    def _repeat_validation(self, runner: Runner) -> None:
        done = done_steps(runner)
        if self._misses_validation(runner, self._record, done):
            path = Path(self.out_dir) / self.filename_tmpl.format(done)
            self.last_ckpt = str(path) if self.owns(path) else None
            runner.val_loop.run()

    def misses_validation(self, runner: Runner, checkpoint: Path, done: int) -> bool:
        """Whether a run was killed between a checkpoint and its validation.

        Args:
            runner: About to train.
            checkpoint: That it goes on from.
            done: Rounds that are in the checkpoint, or steps of a run without rounds.
        """
        record = RunRecord.read(checkpoint.parent)
        return self._misses_validation(runner, record, done)

    def _misses_validation(self, runner: Runner, record: RunRecord, done: int) -> bool:
        name = self.filename_tmpl.format(done)
        known = record.validated is not None and name in record.written
        return known and record.validated != name and is_due(runner, done)

    def after_val_epoch(self, runner: Runner, metrics: dict | None = None) -> None:
        """Saves the best, and notes that this validation is over."""
        super().after_val_epoch(runner, metrics)
        if self._record is not None:  # not of a validation alone
            self._record.validated = self.filename_tmpl.format(done_steps(runner))
            self._write_record()

    def owns(self, path: str) -> bool:
        """Whether a path is a file that this run wrote into its folder."""
        file, folder = Path(path), Path(self.out_dir)
        names = self._record.written | set(map(_draft_of, self._record.written))
        return (
            file.name in names
            and not file.is_symlink()
            and file.is_file()
            and file.parent.resolve() == folder.resolve()
        )

    def _forget_foreign_best(self, runner: Runner) -> None:
        info = runner.message_hub.runtime_info
        for key in [key for key in info if key.startswith('best_ckpt')]:
            # The folder may have moved since.
            path = Path(self.out_dir) / Path(str(info[key])).name
            if self.owns(path):
                info[key] = str(path)
                continue
            runner.logger.warning(
                f'the checkpoint names {info[key]} as the best one; this run did not '
                f'write it into {self.out_dir}, so it stays as it is'
            )
            del info[key]
        if len(getattr(self, 'key_indicators', None) or ()) == 1:
            self.best_ckpt_path = info.get('best_ckpt')
        elif getattr(self, 'key_indicators', None):
            self.best_ckpt_path_dict = {
                key: info.get(f'best_ckpt_{key}') for key in self.key_indicators
            }

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        self._keep(runner, step)
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', name)
        if not isinstance(runner, _WholeFiles):  # it is one after a new best
            runner = _WholeFiles(runner, self)
        runner.save_checkpoint(
            self.out_dir,
            name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        self._note_last(runner.work_dir, name)
        # All is whole now, a new best one included, which mmengine saves before.
        self._remove_outdated()

    def _keep(self, runner: Runner, step: int) -> None:
        """Takes a step among those that are kept; the oldest is removed later."""
        if self.max_keep_ckpts <= 0 or step in list(self.keep_ckpt_ids)[-1:]:
            return
        if len(self.keep_ckpt_ids) == self.max_keep_ckpts:
            self.outdate(self.filename_tmpl.format(self.keep_ckpt_ids.popleft()))
        self.keep_ckpt_ids.append(step)
        runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))

    def _note_last(self, work_dir: str, name: str) -> None:
        if not is_main_process():
            return
        if not self._is_local:
            write_last(Path(work_dir), self.last_ckpt)
            return
        write_last(Path(self.out_dir), name)
        if Path(self.out_dir).resolve() != Path(work_dir).resolve():
            write_last(Path(work_dir), os.path.relpath(self.last_ckpt, work_dir))

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        super()._save_best_checkpoint(_WholeFiles(runner, self), metrics)
        self._remove_outdated()

    def outdate(self, path: str) -> None:
        """A file to remove after the next one that is saved."""
        self._outdated.append(path)

    def save(self, write: Callable[[str], None], name: str) -> None:
        """Saves a checkpoint whole.

        Args:
            write: Writes a file of the given name into the folder of the run; on the
                main process alone.
            name: Of the checkpoint.
        """
        self._note(name)
        if not self._is_local:
            write(name)  # such storage has files once they are whole
            return
        path = Path(self.out_dir) / name
        draft = path.with_name(_draft_of(name))
        if is_main_process():
            draft.unlink(missing_ok=True)  # a link would be written through
        try:
            write(draft.name)
            if is_main_process():
                put_whole(draft, path)
        finally:
            if is_main_process():
                draft.unlink(missing_ok=True)
        self._outdated = [old for old in self._outdated if Path(old).name != name]

    def _remove_outdated(self) -> None:
        for path in self._outdated:
            self._remove_own(Path(path).name)
        self._outdated = []

    def _remove_own(self, name: str) -> None:
        path = Path(self.out_dir) / name
        if is_main_process() and self.owns(path):
            path.unlink()

    def _note(self, name: str) -> None:
        """Before a file is written: that it is the run's; what was there is gone."""
        validated = self._record.validated
        is_known = validated is not None and name != validated
        if name in self._record.written and is_known:
            return
        self._record.written.add(name)
        self._record.validated = validated if is_known else ''
        self._write_record()

    def _write_record(self) -> None:
        if is_main_process():
            self._record.write(Path(self.out_dir))


def done_steps(runner: Runner) -> int:
    """Rounds that a training has done; steps of one without rounds."""
    loop = runner.train_loop
    return loop.epoch if isinstance(loop, EpochBasedTrainLoop) else loop.iter


def is_due(runner: Runner, done: int) -> bool:
    """Whether a validation follows so many rounds or steps, as mmengine's loops say."""
    loop = runner.train_loop
    if runner.val_loop is None:
        return False
    in_rounds = isinstance(loop, EpochBasedTrainLoop)
    last = loop.max_epochs if in_rounds else loop.max_iters
    begun = bisect.bisect(loop.dynamic_milestones, done + 1)
    interval = loop.dynamic_intervals[begun - 1]
    return done >= loop.val_begin and (done % interval == 0 or done == last)


def _draft_of(name: str) -> str:
    return f'{name}.part'


class _OwnFiles:
    """A file backend that shows mmengine's hook the files of its run alone.

    mmengine asks it only for what it is about to remove.
    """

    def __init__(self, backend: Any, hook: CheckpointHook) -> None:
        self._backend, self._hook = backend, hook

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def remove(self, path: str) -> None:
        """Remembers what is to be removed, until the new file is whole."""
        self._hook.outdate(path)

    def isfile(self, path: str) -> bool:
        """Whether the run wrote this file."""
        return self._hook.owns(path)

    def isdir(self, path: str) -> bool:
        """No: checkpoints of this package are files."""
        return False


class _WholeFiles:
    """A runner whose checkpoints are written by :meth:`CheckpointHook.save`."""

    def __init__(self, runner: Runner, hook: CheckpointHook) -> None:
        self._runner, self._hook = runner, hook

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runner, name)

    def save_checkpoint(self, out_dir: str, filename: str, *args, **kwargs) -> None:
        """As mmengine's runner."""

        def write(name: str) -> None:
            self._runner.save_checkpoint(out_dir, name, *args, **kwargs)

        self._hook.save(write, filename)
