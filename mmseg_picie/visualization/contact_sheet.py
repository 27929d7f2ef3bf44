"""A sheet of images beside their masks, with one legend."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ..files import write_whole
from .display_image import fit_size, read_for_display, show_image, show_mask
from .fonts import fit_text, font
from .id_counts import count_ids
from .legend import INK, NO_CLASS, PAPER, QUIET, legend

COLUMNS = 3  # pairs in a row
SIDE = 228  # px of the longer side of an image
GAP, WIDE_GAP = 4, 22  # px inside a pair, and between pairs
MARGIN = 20
TITLE, CAPTION = 22, 13  # px of text
CAPTION_LINE = 22


def contact_sheet(
    images: Sequence[np.ndarray | Path],
    masks: Sequence[np.ndarray],
    classes: Sequence[str],
    palette: Sequence[Sequence[int]],
    out: Path,
    names: Sequence[str] | None = None,
    title: str | None = None,
) -> None:
    """Writes one PNG: every image beside its mask, and the classes by their area.

    Args:
        images: Files, or (H, W, 3) uint8 BGR each. Large JPEG files are not decoded
            whole.
        masks: Class ids of each, (H, W); ids beyond the classes have none (gray).
        classes: Name of each class.
        palette: [r, g, b] of each class.
        out: PNG file; its folder is made.
        names: What is written below each image.
        title: Heading; by default it counts the images.

    Raises:
        InputError: If an image file cannot be decoded.
        ValueError: If the numbers of images, masks and names differ, or there are none.
    """
    captions = [''] * len(images) if names is None else list(names)
    if not images or not len(images) == len(masks) == len(captions):
        raise ValueError(
            f'a sheet needs as many images as masks and names, and at least one; got '
            f'{len(images)}, {len(masks)} and {len(captions)}'
        )
    pairs, areas = [], Counter()
    for image, mask in zip(images, masks, strict=True):
        pairs.append(_pair(image, mask, palette))
        counts = count_ids(mask)
        areas.update({i: n for i, n in counts.items() if i < len(classes)})
    body = _grid(pairs, captions)
    heading = title or f'{len(images)} images, each beside its mask'
    below = legend(
        areas, classes, palette, body.shape[1], sum(mask.size for mask in masks)
    )
    gap = np.full((GAP * 2, body.shape[1], 3), 255, np.uint8)
    sheet = np.concatenate([_heading(heading, body.shape[1]), body, gap, below])
    sheet = cv2.copyMakeBorder(
        sheet, *[MARGIN] * 4, cv2.BORDER_CONSTANT, value=[255] * 3
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, cv2.imencode('.png', sheet)[1].tobytes())


def _pair(image: np.ndarray | Path, mask: np.ndarray, palette: Sequence) -> np.ndarray:
    """An image beside its mask, (h, w, 3) BGR."""
    size = fit_size(mask.shape, SIDE, SIDE)
    if isinstance(image, np.ndarray):
        shown = show_image(image, size)
    else:
        shown = read_for_display(image, mask.shape, size)
    colors, known = show_mask(mask, palette, size)
    colors = np.round(colors + (1 - known) * NO_CLASS).astype(np.uint8)
    gap = np.full((size[0], GAP, 3), 255, np.uint8)
    return np.concatenate([shown, gap, colors], axis=1)


def _grid(pairs: Sequence[np.ndarray], captions: Sequence[str]) -> np.ndarray:
    """Pairs in rows as high as their highest, a caption below each."""
    width = max(pair.shape[1] for pair in pairs)
    line = CAPTION_LINE if any(captions) else 0
    columns = min(COLUMNS, len(pairs))
    rows = []
    for begin in range(0, len(pairs), columns):
        row = pairs[begin : begin + columns]
        height = max(len(pair) for pair in row) + line + GAP * 2
        canvas = np.full(
            (height, columns * (width + WIDE_GAP) - WIDE_GAP, 3), 255, np.uint8
        )
        for number, pair in enumerate(row):
            left = number * (width + WIDE_GAP)
            canvas[: len(pair), left : left + pair.shape[1]] = pair
            caption = fit_text(captions[begin + number], CAPTION, width)
            _write(canvas, (left, len(pair) + 2), caption, CAPTION, QUIET)
        rows.append(canvas)
    return np.concatenate(rows)


def _heading(text: str, width: int) -> np.ndarray:
    canvas = np.full((TITLE + 18, width, 3), 255, np.uint8)
    _write(canvas, (0, 0), fit_text(text, TITLE, width), TITLE, INK)
    return canvas


def _write(canvas: np.ndarray, place, text: str, size: int, color) -> None:
    """Puts text on a BGR picture."""
    if not text:
        return
    drawn = Image.new('RGB', (canvas.shape[1] - place[0], size + 8), PAPER)
    ImageDraw.Draw(drawn).text((0, 0), text, color, font(size))
    bounds = canvas[place[1] : place[1] + size + 8, place[0] :]
    bounds[:] = np.minimum(bounds, np.array(drawn)[: len(bounds), :, ::-1])
