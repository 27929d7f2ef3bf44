"""How far a fit came, so that an interrupted one can go on."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files import write_json

FILE = Path('log') / 'plan.json'
LOCK = Path('log') / 'lock'
STEPS = ('clusters', 'preview', 'training', 'results')
SHOWN = {
    'clusters': 'its first clusters are there',
    'preview': 'its first clusters are there',
    'training': 'its training is over',
}


@dataclass
class FitRecord:
    """The settings of a fit and the steps that are done, in a file of its folder.

    Attributes:
        folder: Of the results.
        settings: What the fit was asked for (``FitPlan.settings``).
        done: Of :data:`STEPS`.
        seconds: That the first clusters took; None before.
    """

    folder: Path
    settings: dict[str, Any]
    done: list[str] = field(default_factory=list)
    seconds: float | None = None

    @classmethod
    def read(cls, folder: Path) -> 'FitRecord | None':
        """The record of a folder; None if there is none.

        Raises:
            InputError: If the file is none that a fit wrote.
        """
        path = folder / FILE
        if not path.is_file():
            return None
        try:
            content = json.loads(path.read_text(encoding='utf-8'))
            record = cls(folder, **content)
            usable = (
                isinstance(record.settings, dict)
                and set(record.done) <= set(STEPS)
                and ('clusters' not in record.done or record.seconds > 0)
            )
        except (ValueError, TypeError):
            usable = False
        if not usable:
            raise InputError(
                f'{path} is no record of a fit: name another folder with --out'
            )
        return record

    @property
    def is_finished(self) -> bool:
        """Whether the results are there."""
        return 'results' in self.done

    @property
    def progress(self) -> str:
        """What is there already, in words; '' for nothing."""
        return SHOWN[self.done[-1]] if self.done and not self.is_finished else ''

    def finish(self, step: str, seconds: float | None = None) -> None:
        """Notes that a step is done.

        Args:
            step: Of :data:`STEPS`.
            seconds: That it took, of the first clusters.
        """
        self.done.append(step)
        if seconds is not None:
            self.seconds = seconds
        self.write()

    def write(self) -> None:
        """Writes the file in one step; makes its folder."""
        content = dict(settings=self.settings, done=self.done, seconds=self.seconds)
        write_json(self.folder / FILE, content)

    def check_same(self, settings: dict[str, Any]) -> None:
        """Refuses to go on with other settings.

        Args:
            settings: What is asked for now.

        Raises:
            InputError: Naming each setting that differs.
        """
        names = sorted(settings.keys() | self.settings.keys())
        other = [
            f'{name} was {self.settings.get(name)} and is {settings.get(name)}'
            for name in names
            if self.settings.get(name) != settings.get(name)
        ]
        if other:
            raise InputError(
                f'out {self.folder} holds a fit that was interrupted and had other '
                f'settings: {"; ".join(other)}. Set them as they were to go on with '
                'it, or name a new folder with --out'
            )
