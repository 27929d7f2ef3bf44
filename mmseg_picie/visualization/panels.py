"""Rows of pictures: image, clusters, matched classes, truth."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..models import cluster_meta

GAP = 4  # px of white between pictures


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
    palette: Sequence,
) -> None:
    """Writes one picture of rows: image | clusters | matched classes | truth.

    Args:
        path: PNG to write.
        images: (H, W, 3) uint8 BGR each.
        clusters: Cluster ids, (H, W) each.
        cluster_to_class: Class of each cluster, (K,), -1 for none (drawn black).
        truths: Class ids, (H, W) each, 255 for none.
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
    write_rows(path, rows)


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
