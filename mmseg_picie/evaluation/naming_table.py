"""Scores under several protocols as a table for a person."""

import math
from collections.abc import Sequence

from prettytable import PrettyTable

from .boundary_rows import BOUNDARY
from .naming_scores import NamingScores


def naming_table(rows: Sequence[NamingScores], classes: Sequence[str]) -> str:
    """Figures by protocol, IoU by class, and what each protocol is.

    Args:
        rows: As :func:`~mmseg_picie.evaluation.score_naming` returns them.
        classes: Names of the C classes.
    """
    groups = list(dict.fromkeys(name for row in rows for name in row.groups))
    edges = ['boundary F'] if any(row.boundary is not None for row in rows) else []
    table = PrettyTable(['', 'aAcc', 'mIoU', *edges, *classes, *groups, 'unnamed'])
    table.align[''] = 'l'
    for number, row in enumerate(rows, 1):
        found = math.nan if row.boundary is None else row.boundary.mF
        figures = [row.scores.aAcc, row.scores.mIoU, *[found] * len(edges)]
        figures += row.scores.iou.tolist()
        figures += [row.groups.get(name, math.nan) for name in groups]
        cells = ['-' if math.isnan(value) else f'{value:.1f}' for value in figures]
        table.add_row([f'{number} {row.method}', *cells, row.num_unnamed])
    notes = [f'{number} {row.protocol}' for number, row in enumerate(rows, 1)]
    notes += [f'{name}: {BOUNDARY}' for name in edges]
    return '\n'.join(
        [
            table.get_string(),
            'Percent; classes are IoU. The protocols read different labels, so that '
            'their figures do not compare:',
            *notes,
        ]
    )
