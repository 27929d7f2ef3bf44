"""What the logs of a run hold: scalars, inertias, versions."""

import json
import re
from pathlib import Path
from typing import Any

SCALARS = 'vis_data/scalars.json'
SKIPPED = {'epoch', 'iter', 'step', 'time', 'data_time', 'base_lr', 'memory'}
INERTIA = re.compile(r'(\w+): inertia ([-+.\deE]+)')
ROUND = re.compile(r' - Round (\d+)/\d+ \| ')
# A short round whose time is taken, and what is clustered before anything trains.
NO_TRAINING = ('probe', 'clusters')

Curve = list[list[float]]


def read_curves(run: Path) -> dict[str, Curve]:
    """Figures over the rounds of a run's last training.

    Args:
        run: Folder of a fit, or work directory of a training.

    Returns:
        [round or step, value] pairs by name: losses, scores and learning rate as
        mmengine logged them, and the inertia of each clustering. Empty where nothing
        trained.
    """
    logs = _last_training(run)
    curves: dict[str, Curve] = {}
    if logs is None:
        return curves
    scalars = logs / SCALARS
    if scalars.is_file():
        for record in _records(scalars):
            x = record.get('epoch', record.get('step', record.get('iter')))
            for name, value in record.items():
                if name in SKIPPED or x is None or not _is_number(value):
                    continue
                curves.setdefault(name, []).append([x, value])
    for file in sorted(logs.glob('*.log')):
        for line in file.read_text(errors='replace').splitlines():
            if found := ROUND.search(line):
                for name, value in INERTIA.findall(line):
                    point = [int(found[1]), float(value)]
                    curves.setdefault(f'inertia ({name})', []).append(point)
    return {name: _last_of_each(curve) for name, curve in curves.items()}


def read_versions(run: Path) -> dict[str, str]:
    """Versions that a run was made with, from its newest manifest; empty without."""
    found = sorted(run.glob('**/manifest.json'), key=lambda path: path.stat().st_mtime)
    for path in reversed(found):
        try:
            content = json.loads(path.read_text())
        except ValueError:
            continue
        versions = content.get('versions') if isinstance(content, dict) else None
        if isinstance(versions, dict):
            more = {key: content[key] for key in ('device', 'seed') if key in content}
            return {str(k): str(v) for k, v in {**versions, **more}.items()}
    return {}


def _last_training(run: Path) -> Path | None:
    """The newest folder of logs with scalars or rounds."""
    found = [
        path.parent.parent
        for path in run.glob(f'**/{SCALARS}')
        if not set(path.relative_to(run).parts) & set(NO_TRAINING)
    ]
    return max(found, key=lambda path: path.name, default=None)


def _records(path: Path) -> list[dict[str, Any]]:
    records = []
    for line in path.read_text(errors='replace').splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue  # the last line of a run that was killed
        if isinstance(record, dict):
            records.append(record)
    return records


def _is_number(value: Any) -> bool:
    # NaN and infinity are no JSON for a browser, and no point of a curve.
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return plain and abs(value) < float('inf')


def _last_of_each(curve: Curve) -> Curve:
    """One point for each round, the last one logged."""
    points = {x: value for x, value in curve}
    return [[x, points[x]] for x in sorted(points)]
