"""The methods table as Markdown and JSON."""

import re
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from table_methods import Method
from table_runs import Run

from mmseg_picie.files import write_json, write_whole

MAJORITY = re.compile(r'majority_(\d+)')
# Title of a column and what it is; {0} is the number of clusters, {1} k-NN's bank.
FIGURES = ('aAcc', 'mIoU', 'boundary_mF')
COLUMNS = {
    'one_to_one': (
        'one to one',
        'as many clusters as classes, at most one cluster a class (Hungarian matching '
        'by all labels of the test images).',
    ),
    'majority': (
        '{0} clusters, named',
        '{0} clusters, each named by its most frequent class on the labeled training '
        'images; a cluster that is on none of them takes the class of the nearest one.',
    ),
    'linear_probe': (
        'linear probe',
        'one 1x1 convolution on the fixed embedding, trained on all labels of the '
        'training images; no cluster is read.',
    ),
    'knn': (
        'k-NN',
        'the 20 nearest labeled training pixels vote by cosine in the fixed embedding, '
        'of up to {1:,} drawn evenly; nothing is trained on labels.',
    ),
    'per_image': (
        'per image',
        'as many clusters as classes, matched one to one on each test image by its own '
        'labels; far higher than one matching for all images.',
    ),
    'boundary': (
        'boundary F',
        'F-score of the boundary pixels of the clusters matched one to one, within 2 '
        'pixels at 320 (this share of the shorter side, at least 1 pixel), mean over '
        'classes.',
    ),
}
INTRODUCTION = (
    'Percent on the test images: accuracy / mIoU, of boundaries F alone. Mean ± '
    'standard deviation over the seeds (n - 1). Minutes are those of one training. '
    'Columns are different protocols, which read different labels: never compare '
    'figures of two columns.'
)


def split_protocol(protocol: str) -> tuple[str, int | None]:
    """Protocol of ``score_run.py`` and number of clusters, None for the classes'."""
    match = MAJORITY.fullmatch(protocol)
    return ('majority', int(match[1])) if match else (protocol, None)


def column(protocol: str, bank: int) -> tuple[str, str]:
    """Title of a protocol's column and the sentence on it.

    Args:
        protocol: As the command takes it.
        bank: Labeled pixels that vote in k-NN.
    """
    name, clusters = split_protocol(protocol)
    title, sentence = COLUMNS[name]
    return title.format(clusters), sentence.format(clusters, bank)


def describe(
    method: Method,
    protocols: Sequence[str],
    seeds: Sequence[int],
    root: Path,
    bank: int,
) -> dict[str, Any]:
    """All that is known of a row, for JSON.

    Args:
        method: The row.
        protocols: Its columns.
        seeds: Of its trainings.
        root: Folder of all runs.
        bank: Labeled pixels that vote in k-NN.
    """
    figures: dict[str, Any] = {}
    runs: dict[Path, Run] = {}
    for protocol in protocols:
        name, clusters = split_protocol(protocol)
        found: dict[str, dict[str, float]] = {}
        for seed in seeds:
            run = Run(method, seed, clusters, root, bank)
            runs[run.folder] = run
            if run.is_done([name]):
                own = run.record['figures'][name]
                for key in FIGURES:
                    if key in own:
                        found.setdefault(key, {})[str(seed)] = own[key]
        figures[protocol] = {key: _summary(values) for key, values in found.items()}
    known = [(run, run.record) for run in runs.values()]
    minutes: dict[str, dict[str, float]] = {}
    for run, record in known:
        if record.get('trained') and not record['resumed']:
            key = 'classes' if run.clusters is None else str(run.clusters)
            minutes.setdefault(key, {})[str(run.seed)] = record['seconds'] / 60
    failures = {run.title: record.get('failure') for run, record in known}
    if method.problem is not None and not any(failures.values()):
        failures[method.stem] = method.problem
    return dict(
        data=method.data,
        method=method.name,
        config=str(method.config),
        hash=method.hash,
        figures=figures,
        minutes={key: _summary(values) for key, values in minutes.items()},
        failures={name: text for name, text in failures.items() if text},
        changed=[run.title for run in runs.values() if run.is_changed],
    )


def write_table(
    rows: Sequence[dict[str, Any]],
    protocols: Sequence[str],
    seeds: Sequence[int],
    out: Path,
    bank: int,
) -> str:
    """Writes ``table.md`` and ``table.json``; returns the Markdown."""
    columns = {name: column(name, bank) for name in protocols}
    text = markdown(rows, columns, seeds)
    content = dict(
        protocols={name: sentence for name, (_, sentence) in columns.items()},
        seeds=list(seeds),
        rows=list(rows),
    )
    write_json(out / 'table.json', content)
    write_whole(out / 'table.md', (text + '\n').encode())
    return text


def markdown(
    rows: Sequence[dict[str, Any]],
    columns: Mapping[str, tuple[str, str]],
    seeds: Sequence[int],
) -> str:
    """A table for each data set, then what its columns are and what went wrong."""
    titles = [title for title, _ in columns.values()]
    lines = []
    for data in dict.fromkeys(row['data'] for row in rows):
        lines += [f'## {data}', '', f'| method | {" | ".join(titles)} | minutes |']
        lines.append(f'|{" --- |" * (len(titles) + 2)}')
        for row in rows:
            if row['data'] == data:
                cells = [_cell(row, name, len(seeds)) for name in columns]
                minutes = next(iter(row['minutes'].values()), None)
                time = '' if minutes is None else f'{minutes["mean"]:.1f}'
                lines.append(f'| {row["method"]} | {" | ".join(cells)} | {time} |')
        lines.append('')
    lines += [INTRODUCTION, f'Seeds: {", ".join(map(str, seeds))}.', '']
    lines += [f'- {title}: {sentence}' for title, sentence in columns.values()]
    for row in rows:
        lines += [f'- failed: {name}: {why}' for name, why in row['failures'].items()]
        lines += [
            f'- {name} was trained before its config changed' for name in row['changed']
        ]
    return '\n'.join(lines)


def _cell(row: dict[str, Any], protocol: str, num_seeds: int) -> str:
    figures = row['figures'][protocol]
    if not figures:
        return 'failed' if row['failures'] else 'not run'
    order = [key for key in FIGURES if key in figures]
    text = ' / '.join(spread(figures[key]) for key in order)
    number = len(figures[order[0]]['values'])
    return text if number == num_seeds else f'{text} ({number} of {num_seeds} seeds)'


def spread(summary: dict[str, Any]) -> str:
    """Mean ± standard deviation, one decimal; the value alone of one seed."""
    if summary['mean'] is None:
        return '-'
    deviation = '' if summary['std'] is None else f' ± {summary["std"]:.1f}'
    return f'{summary["mean"]:.1f}{deviation}'


def _summary(values: dict[str, float | None]) -> dict[str, Any]:
    """Mean and sample standard deviation of seeds that have a value."""
    known = [value for value in values.values() if value is not None]
    return dict(
        mean=statistics.mean(known) if known else None,
        std=statistics.stdev(known) if len(known) > 1 else None,
        values=values,
    )
