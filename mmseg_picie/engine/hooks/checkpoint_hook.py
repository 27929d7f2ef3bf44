"""CheckpointHook: mmengine's, with files that are whole or not there.

It removes nothing but what its run wrote, and only once there is something newer.
"""

import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mmengine.hooks
from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...files import put_whole, write_whole

RECORD = 'checkpoints.json'


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
    removed last. Arguments are mmengine's.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._outdated: list[str] = []

    def before_train(self, runner: Runner) -> None:
        """Takes up what the run has written, if it goes on; trusts no stored path."""
        info = runner.message_hub.runtime_info
        steps = info.pop('keep_ckpt_ids', [])
        super().before_train(runner)
        self._is_local = isinstance(self.file_backend, LocalBackend)
        self.file_backend = _OwnFiles(self.file_backend, self)
        self._written: set[str] = self._read_record() if runner._resume else set()
        for name in list(self._written):  # left by a run that was killed
            self._remove_own(_draft_of(name))
        self._forget_foreign_best(runner)
        if self.max_keep_ckpts > 0:
            kept = [step for step in steps if type(step) is int]
            for step in kept[: -self.max_keep_ckpts]:
                self._remove_own(self.filename_tmpl.format(step))
            self.keep_ckpt_ids = deque(kept, self.max_keep_ckpts)
            info['keep_ckpt_ids'] = list(self.keep_ckpt_ids)

    def owns(self, path: str) -> bool:
        """Whether a path is a file that this run wrote into its folder."""
        file, folder = Path(path), Path(self.out_dir)
        names = self._written | set(map(_draft_of, self._written))
        return (
            file.name in names
            and not file.is_symlink()
            and file.is_file()
            and file.parent.resolve() == folder.resolve()
        )

    def _forget_foreign_best(self, runner: Runner) -> None:
        info = runner.message_hub.runtime_info
        for key in [key for key in info if key.startswith('best_ckpt')]:
            if not isinstance(info[key], str) or not self.owns(info[key]):
                runner.logger.warning(
                    f'the checkpoint names {info[key]} as the best one; this run did '
                    f'not write it into {self.out_dir}, so it stays as it is'
                )
                del info[key]
        if len(getattr(self, 'key_indicators', None) or ()) == 1:
            self.best_ckpt_path = info.get('best_ckpt')
        elif getattr(self, 'key_indicators', None):
            self.best_ckpt_path_dict = {
                key: info.get(f'best_ckpt_{key}') for key in self.key_indicators
            }

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        if not isinstance(runner, _WholeFiles):  # it is one after a new best
            runner = _WholeFiles(runner, self)
        super()._save_checkpoint_with_step(runner, step, meta)
        # All is whole now, a new best one included, which mmengine saves before.
        self._remove_outdated()

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
        self._record(name)
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

    def _record(self, name: str) -> None:
        if name in self._written:
            return
        self._written.add(name)
        folder = Path(self.out_dir)
        if is_main_process():
            folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps(sorted(self._written), indent=2) + '\n'
            write_whole(folder / RECORD, text.encode())

    def _read_record(self) -> set[str]:
        path = Path(self.out_dir) / RECORD
        try:
            names = json.loads(path.read_text(encoding='utf-8'))
        except (OSError, ValueError):  # none, or of an older version: nothing is ours
            return set()
        return {name for name in names if isinstance(name, str)}


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
