"""Trainings of the methods table, one for each seed and number of clusters."""

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from script_process import run_script
from table_methods import Method

from mmseg_picie.checkpoints import checkpoints_by_step, find_checkpoint
from mmseg_picie.files import write_json

HERE = Path(__file__).resolve().parent
TRAIN, SCORE = HERE.parent / 'train.py', HERE / 'score_run.py'
RECORD = 'run.json'
KNN = 'knn'


@dataclass(frozen=True)
class Run:
    """A training of a method with a seed and a number of clusters.

    What is known of it is in ``run.json`` of its folder: the hash of its config,
    whether it is trained, seconds, figures by protocol, and why it failed.

    Attributes:
        method: What is trained.
        seed: Of the training.
        clusters: Number of clusters; None for as many as classes.
        root: Folder of all runs.
        bank: Labeled pixels that vote in k-NN.
    """

    method: Method
    seed: int
    clusters: int | None
    root: Path
    bank: int

    @property
    def folder(self) -> Path:
        """Work directory of the training."""
        clusters = 'classes' if self.clusters is None else str(self.clusters)
        return self.root / self.method.stem / f'k_{clusters}' / f'seed_{self.seed}'

    @property
    def title(self) -> str:
        """What a line for a person calls it."""
        clusters = 'classes' if self.clusters is None else self.clusters
        return f'{self.method.stem}, K = {clusters}, seed {self.seed}'

    @property
    def record(self) -> dict[str, Any]:
        """What is known; empty before it begins."""
        path = self.folder / RECORD
        return json.loads(path.read_text()) if path.is_file() else {}

    @property
    def is_changed(self) -> bool:
        """Whether it was trained from another state of the config."""
        record = self.record
        return bool(record.get('trained')) and record['hash'] != self.method.hash

    def is_done(self, protocols: Sequence[str]) -> bool:
        """Whether it is trained and scored under these protocols."""
        record = self.record
        return bool(record.get('trained')) and not self._missing(record, protocols)

    def _missing(self, record: dict[str, Any], protocols: Sequence[str]) -> list[str]:
        figures = record['figures']
        return [
            name
            for name in protocols
            if name not in figures
            or (name == KNN and figures[name]['bank'] != self.bank)
        ]

    def finish(
        self,
        protocols: Sequence[str],
        passed_on: Sequence[str],
        anew: bool,
        say: Callable[[str], None],
    ) -> None:
        """Trains and scores what is missing; a failure is kept in the record.

        Args:
            protocols: Of ``score_run.py``.
            passed_on: Arguments for ``tools/train.py``.
            anew: Whether a training of another state of the config is done again.
            say: Takes a line for a person.

        Raises:
            RuntimeError: If a process fails, or an interrupted training is of another
                state of the config and is not to be done again.
        """
        record = self.record
        unfinished = record and not record.get('trained')
        differs = record and record['hash'] != self.method.hash
        if differs and unfinished and not anew and checkpoints_by_step(self.folder):
            raise RuntimeError(
                f'{self.title}: its config has changed since it began; --changed '
                'trains it from the start'
            )
        if differs and (unfinished or anew):
            say(f'{self.title}: the config has changed, trained again from the start')
            shutil.rmtree(self.folder)
            record = {}
        if not record:
            record = dict(self._description(), trained=False, figures={})
        record['failure'] = None
        self._write(record)
        try:
            if self.method.problem is not None:
                raise RuntimeError(self.method.problem)
            if not record['trained']:
                record.update(self._train(passed_on), trained=True)
                self._write(record)
            missing = self._missing(record, protocols)
            if missing:
                self._score(record, missing)
        except RuntimeError as error:
            record['failure'] = str(error)
            self._write(record)
            raise
        self._write(record)

    def _description(self) -> dict[str, Any]:
        return dict(
            config=str(self.method.config),
            hash=self.method.hash,
            seed=self.seed,
            clusters=self.clusters,
        )

    def _write(self, record: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / RECORD, record)

    def _train(self, passed_on: Sequence[str]) -> dict[str, Any]:
        """Trains in a process of its own, on from where one was interrupted."""
        resumed = bool(checkpoints_by_step(self.folder))
        options = self.method.options(self.clusters)
        command = [
            *(sys.executable, str(TRAIN), str(self.method.config), *passed_on),
            *('--seed', str(self.seed), '--work-dir', str(self.folder)),
            *(['--data-root', str(self.method.data_root)] if self.method.moved else []),
            *(['--resume'] if resumed else []),
            *('--cfg-options', *options),
        ]
        seconds = run_script(command, self.folder / 'output.txt', self.title)
        return dict(seconds=round(seconds, 1), resumed=resumed, options=options)

    def _score(self, record: dict[str, Any], protocols: Sequence[str]) -> None:
        """Scores the checkpoint in a process of its own."""
        out = self.folder / 'scores.json'
        command = [
            *(sys.executable, str(SCORE)),
            str(self.folder / self.method.config.name),
            str(find_checkpoint(self.folder)),
            *('--out', str(out), '--seed', str(self.seed), '--bank', str(self.bank)),
            *('--protocols', *protocols),
        ]
        run_script(command, self.folder / 'scoring.txt', f'{self.title}, scoring')
        found = json.loads(out.read_text())
        figures = found.pop('figures')
        if KNN in figures:
            figures[KNN]['bank'] = self.bank
        record['figures'].update(figures)
        record.update(found)
