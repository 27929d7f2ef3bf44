"""Rows of pictures: image, clusters, matched classes, truth."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..models import cluster_meta
from .fonts import draw_text, fit_text
from .id_counts import count_ids
from .legend import INK, legend

GAP = 4  # px of white between pictures
HEADINGS = ('image', 'clusters', 'their classes', 'truth')
HEADING, TEXT = 26, 15  # px of the line and of its text


def color_mask(mask: np.ndarray, palette: Sequence) -> np.ndarray:
    """Colors a mask of ids; ids without a color are black.

    Args:
        mask: (H, W) of integers.
        palette: [r, g, b] for each id.

    Returns:
        (H, W, 3) uint8, BGR.
    """
    table = np.zeros((len(palette) + 1, 3), np.uint8)
    table[:-1] = np.array(palette, np.uint8)[:, ::-1]
    known = (mask >= 0) & (mask < len(palette))
    return table[np.where(known, mask, len(palette))]


def save_panels(
    path: str | Path,
    images: Sequence[np.ndarray],
    clusters: Sequence[np.ndarray],
    cluster_to_class: np.ndarray,
    truths: Sequence[np.ndarray],
    classes: Sequence[str],
    palette: Sequence,
) -> None:
    """Writes one picture of rows: image | clusters | matched classes | truth.

    Headings stand above the columns, the colors of the classes below.

    Args:
        path: PNG to write.
        images: (H, W, 3) uint8 BGR each, all of one width.
        clusters: Cluster ids, (H, W) each.
        cluster_to_class: Class of each cluster, (K,), -1 for none (drawn black).
        truths: Class ids, (H, W) each, 255 for none.
        classes: Names of the classes.
        palette: Colors of the classes.

    Raises:
        OSError: If the picture cannot be written.
    """
    colors = cluster_meta(len(cluster_to_class))['palette']
    rows = []
    for image, ids, truth in zip(images, clusters, truths, strict=True):
        cells = [
            image,
            color_mask(ids, colors),
            color_mask(cluster_to_class[ids], palette),
            color_mask(truth, palette),
        ]
        cells = [
            cv2.copyMakeBorder(c, *[GAP // 2] * 4, 0, value=[255] * 3) for c in cells
        ]
        rows.append(np.concatenate(cells, axis=1))
    width = rows[0].shape[1]
    heading = np.full((HEADING, width, 3), 255, np.uint8)
    column = width // len(HEADINGS)
    for number, text in enumerate(HEADINGS):
        place = (number * column + GAP, GAP)
        draw_text(heading, place, fit_text(text, TEXT, column - 2 * GAP), TEXT, INK)
    areas: Counter = Counter()
    for truth in truths:
        areas.update(count_ids(truth))
    known = {index: areas[index] for index in areas if index < len(classes)}
    below = legend(known, classes, palette, width, areas.total(), (0, 0, 0))
    write_rows(path, [heading, *rows, below])


def write_rows(path: str | Path, rows: Sequence[np.ndarray]) -> None:
    """Writes one picture of rows, from top to bottom.

    Args:
        path: PNG to write; its folder is made where it is missing.
        rows: (h, W, 3) uint8 BGR each, of one width.

    Raises:
        OSError: If the picture cannot be written.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), np.concatenate(rows, axis=0)):
        raise OSError(f'cannot write {path}')
