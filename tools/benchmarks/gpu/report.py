"""What was measured so far, on disk after every measurement."""

import gc
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch

from mmseg_picie.files import write_json, write_whole

Value = float | int | str


@dataclass
class Row:
    """One measurement.

    Attributes:
        stage: Name of its table.
        variant: What was measured.
        status: 'measured', 'failed' or 'skipped'.
        values: Column -> number or text.
        shares: Part of the work -> percent of its time.
        reason: Why it failed or was skipped.
        details: Of a failure, the end of its traceback.
        seconds: What the measurement took, with all preparation.
    """

    stage: str
    variant: str
    status: str
    values: dict[str, Value] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    reason: str = ''
    details: str = ''
    seconds: float = 0.0


class Report:
    """Runs measurements within a budget of time and writes each as soon as it is made.

    A measurement that fails is a row with its reason, and the next one is made. One
    that does not fit into the time left, by what its stage took before, is skipped.

    Args:
        folder: Where gpu.json and gpu.md go.
        settings: Options, versions and the device.
        budget: Seconds.
        notes: Stage -> lines below its table.
    """

    def __init__(
        self, folder: Path, settings: dict, budget: float, notes: dict[str, str]
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.budget = budget
        self.notes = notes
        self.rows: list[Row] = []
        self.start = time.monotonic()

    def measure(self, stage: str, variant: str, work: Callable[[], dict]) -> None:
        """Makes a measurement, or says why there is none; then writes the files.

        Args:
            stage: Name of the table.
            variant: Name of the row.
            work: Returns the row's values, and maybe ``shares``.
        """
        start = time.monotonic()
        row = Row(stage, variant, 'skipped', reason=self._no_time(stage))
        if not row.reason:
            print(f'... {stage}: {variant}', file=sys.stderr, flush=True)
            row = self._made(stage, variant, work)
        row.seconds = time.monotonic() - start
        self.rows.append(row)
        self.write(finished=False)
        # What a variant allocated is not to count in the next one's peak.
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def write(self, finished: bool) -> None:
        """Writes both files, each in one step."""
        content = dict(
            settings=self.settings,
            budget_seconds=self.budget,
            seconds=time.monotonic() - self.start,
            finished=finished,
            rows=[asdict(row) for row in self.rows],
        )
        write_json(self.folder / 'gpu.json', content)
        write_whole(self.folder / 'gpu.md', self.markdown(finished).encode())

    def markdown(self, finished: bool) -> str:
        """A table for each stage, after what was measured on."""
        settings = [f'- {k}: {_words(v)}' for k, v in self.settings.items()]
        parts = ['# GPU benchmark', '\n'.join(settings)]
        if not finished:
            parts.append('Not finished: measurements that are not listed are to come.')
        for stage in dict.fromkeys(row.stage for row in self.rows):
            rows = [row for row in self.rows if row.stage == stage]
            parts += [f'## {stage}', _table(rows, 'values')]
            if any(row.shares for row in rows):
                parts += ['Share of the parts in percent:', _table(rows, 'shares')]
            if stage in self.notes:
                parts.append(self.notes[stage])
        return '\n\n'.join(parts) + '\n'

    def _made(self, stage: str, variant: str, work: Callable) -> Row:
        try:
            values = work()
            shares = values.pop('shares', {})
            return Row(stage, variant, 'measured', values, shares)
        except Exception as error:  # one variant's fault must not cost the others
            lines = str(error).strip().splitlines() or ['']
            print(f'    failed: {lines[0]}', file=sys.stderr, flush=True)
            return Row(
                stage,
                variant,
                'failed',
                reason=f'{type(error).__name__}: {lines[0]}',
                details=traceback.format_exc()[-3000:],
            )

    def _no_time(self, stage: str) -> str:
        """Why a measurement of a stage would not fit into the budget; '' if it does."""
        left = self.budget - (time.monotonic() - self.start)
        if left <= 0:
            return f'the budget of {self.budget:.0f} s is used up'
        longest = max((r.seconds for r in self.rows if r.stage == stage), default=0.0)
        if longest > left:
            return (
                f'{left:.0f} s of the budget of {self.budget:.0f} s are left, and one '
                f'took {longest:.0f} s'
            )
        return ''


def _table(rows: list[Row], content: str) -> str:
    """The rows' values or shares in columns, and why some have none."""
    cells = {row.variant: dict(getattr(row, content)) for row in rows}
    if content == 'values':
        for row in rows:
            if row.reason:
                cells[row.variant]['not measured'] = f'{row.status}: {row.reason}'
    else:
        cells = {variant: shares for variant, shares in cells.items() if shares}
    columns = list(dict.fromkeys(name for values in cells.values() for name in values))
    lines = [['variant', *columns], ['---'] * (1 + len(columns))]
    for variant, values in cells.items():
        lines.append([variant, *(_text(values.get(name, '')) for name in columns)])
    return '\n'.join(
        '| ' + ' | '.join(cell.replace('|', '/') for cell in line) + ' |'
        for line in lines
    )


def _words(setting: str | dict) -> str:
    if isinstance(setting, str):
        return setting
    return ', '.join(f'{name} {value}' for name, value in setting.items())


def _text(value: Value) -> str:
    if isinstance(value, float):
        return f'{value:,.0f}' if abs(value) >= 1000 else f'{value:.3g}'
    return str(value)
