"""What grows and what is built: trees, forest edges, buildings, poles."""

import cv2
import numpy as np

from .canvas import Canvas, fill, polygon
from .noise import window
from .palette import BUILDING, NOTHING, TREE, draw_color


def _leaves(canvas: Canvas, tone: np.ndarray, color: np.ndarray) -> np.ndarray:
    """Foliage colors from clump brightness (h, w), uint8: (h, w, 3), float32."""
    spots = window(canvas.speckle, canvas.rng, tone.shape)
    grain = window(canvas.grain, canvas.rng, tone.shape)
    light = tone.astype(np.float32) / 128
    light *= 0.72 + 0.75 * (spots - 0.5) + 0.35 * (grain - 0.5)
    light *= 1 - 0.5 * (spots < 0.28)  # Gaps between the leaves.
    return color * light[..., None]


def _clumps(
    tone: np.ndarray,
    rng: np.random.Generator,
    centers: np.ndarray,
    radius: float,
    light: np.ndarray,
) -> None:
    """Draws leaf clumps as discs, dark ones first.

    Args:
        tone: Brightness to draw on, (h, w), uint8; 0 stays where nothing grows.
        rng: Source of the clumps' sizes.
        centers: Columns and rows, (n, 2).
        radius: Mean radius in pixels.
        light: Brightness of each clump in [0, 1], (n,).
    """
    sizes = np.maximum(radius * (0.6 + 0.8 * rng.random(len(centers))), 1)
    for i in np.argsort(light, kind='stable'):
        x, y = int(centers[i, 0]), int(centers[i, 1])
        value = int(55 + 150 * np.clip(light[i], 0, 1))
        cv2.circle(tone, (x, y), int(round(sizes[i])), value, -1)


def draw_forest(canvas: Canvas, nearness: float) -> None:
    """A row of crowns along the horizon, over all of the width or a part."""
    rng, (height, width) = canvas.rng, canvas.size
    foot = canvas.row(nearness)
    tall = max((5 + 8 * rng.random()) * canvas.meter(nearness), 7 * canvas.unit)
    tall = min(tall, 0.35 * height)
    span = width * (0.3 + 0.8 * rng.random())
    left = rng.random() * (width - span) if span < width else (width - span) / 2
    count = int(np.clip(22 * span / tall, 60, 320))
    size = (int(1.6 * tall) + 2, int(span + 2 * tall) + 2)
    tone = np.zeros(size, np.uint8)
    at = rng.random((count, 2))
    rise = at[:, 1] * np.sqrt(at[:, 1])  # Dense below: no clump floats.
    hump = 0.75 + 0.25 * np.abs(np.mod(at[:, 0] * span / tall, 2) - 1)
    centers = np.stack(
        [tall + at[:, 0] * span, size[0] - 1 - rise * tall * hump], axis=1
    )
    light = 0.75 * at[:, 1] + 0.4 * rng.random(count)
    _clumps(tone, rng, centers, 0.17 * tall, light)
    patch = _leaves(canvas, tone, draw_color(rng, TREE))
    canvas.stamp(patch, tone > 0, (left - tall, foot - size[0] + 1), TREE, nearness)


def _cone(canvas: Canvas, tone: np.ndarray, tall: float, broad: float) -> np.ndarray:
    """Layers of branches, brighter where the light comes from, (H, W) uint8."""
    rng, middle, ground = canvas.rng, tone.shape[1] / 2, tone.shape[0] - 1
    layers = 7
    for layer in range(layers):
        low = ground - tall * (0.1 + 0.8 * layer / layers)
        half = 0.5 * broad * (1 - 0.85 * layer / layers)
        points = [(middle, low - 0.3 * tall)]
        for k in range(9):
            drop = 0.05 * tall * (k % 2) + 0.04 * tall * rng.random()
            points.append((middle + half * (1 - k / 4), low + drop))
        fill(tone, points, int(70 + 90 * rng.random() * (0.5 + 0.5 * layer / 7)))
    right = np.arange(tone.shape[1])[None] > middle
    lit = right if canvas.light_from > 0 else ~right
    tone = np.where(lit & (tone > 0), np.minimum(tone + 40, 255), tone)
    return tone.astype(np.uint8)


def draw_tree(canvas: Canvas, x: float, nearness: float) -> None:
    """A round, tall or conical tree, or a bush, with its trunk and shadow."""
    rng = canvas.rng
    kind = ('round', 'round', 'tall', 'cone', 'bush')[int(rng.integers(0, 5))]
    meters = {'round': 7, 'tall': 9, 'cone': 9, 'bush': 2}[kind]
    tall = meters * (0.7 + 0.6 * rng.random()) * canvas.meter(nearness)
    tall = float(np.clip(tall, 8 * canvas.unit, 1.3 * canvas.size[0]))
    broad = tall * {'round': 0.75, 'tall': 0.35, 'cone': 0.5, 'bush': 1.6}[kind]
    size = (int(1.25 * tall) + 2, int(1.4 * broad) + 2)
    middle, ground = size[1] / 2, size[0] - 1
    canvas.shadow(x, nearness, 0.7 * broad, 0.8 * tall)
    color = draw_color(rng, TREE)
    tone = np.zeros(size, np.uint8)
    if kind == 'cone':
        tone = _cone(canvas, tone, tall, broad)
    else:
        stem = 0.0 if kind == 'bush' else 0.25 + 0.15 * rng.random()
        count = int(np.clip(broad, 25, 90))
        # Points of a square; its corners are pulled to the border of the unit disc.
        # Sine and cosine are avoided: their last bit differs between platforms.
        across, up = 2 * rng.random((2, count)) - 1
        reach = np.maximum(np.sqrt(across * across + up * up), 1)
        across, up = across / reach, up / reach
        crown = tall * (1 - stem)
        centers = np.stack(
            [middle + across * 0.45 * broad, ground - tall + crown * (0.5 - 0.45 * up)],
            axis=1,
        )
        light = 0.45 + 0.25 * up + 0.3 * across * canvas.light_from
        light = light + 0.4 * (rng.random(count) - 0.5)
        _clumps(tone, rng, centers, 0.136 * np.sqrt(broad * crown), light)
    trunk = max(0.035 * tall, 1.0)
    bark = np.zeros(size, np.uint8)
    if kind != 'bush':
        top = ground - 0.6 * tall
        fill(
            bark,
            [
                (middle - 1.3 * trunk, ground),
                (middle - 0.6 * trunk, top),
                (middle + 0.6 * trunk, top),
                (middle + 1.3 * trunk, ground),
            ],
            1,
        )
    patch = _leaves(canvas, tone, color)
    stem_only = (bark > 0) & (tone == 0)
    streaks = 0.7 + 0.6 * window(canvas.grain, rng, (1, size[1]))[..., None]
    brown = np.array([0.16, 0.22, 0.28], np.float32) * streaks
    patch = np.where(stem_only[..., None], brown, patch)
    corner = (x - middle, canvas.row(nearness) - size[0] + 1)
    canvas.stamp(patch, (tone > 0) | stem_only, corner, TREE, nearness)


def _wall(canvas: Canvas, size: tuple[int, int], meter: float, color) -> np.ndarray:
    """A wall of bricks or plaster with a grid of windows, (h, w, 3), float32."""
    rng, unit = canvas.rng, canvas.unit
    rows = np.arange(size[0], dtype=np.float32)[:, None]
    columns = np.arange(size[1], dtype=np.float32)[None]
    light = 0.95 + 0.12 * (window(canvas.grain, rng, size) - 0.5)
    if rng.random() < 0.6:
        course = max(0.35 * meter, 3.0 * unit)
        line = np.floor(rows / course)
        joint = (rows - line * course) < max(0.25 * course, 1)
        shift = columns + 0.5 * (line % 2) * 2.2 * course
        upright = np.mod(shift, 2.2 * course) < max(0.2 * course, 1)
        light = light - 0.28 * (joint | upright)
    wall = color * light[..., None]

    pitch_x = max((2.0 + 1.5 * rng.random()) * meter, 6 * unit)
    pitch_y = max((2.6 + 0.8 * rng.random()) * meter, 7 * unit)
    share_x, share_y = 0.4 + 0.25 * rng.random(), 0.45 + 0.15 * rng.random()
    inset = 0.5 * (np.mod(size[1], pitch_x) + pitch_x * (1 - share_x))
    u, v = (columns - inset) / pitch_x, (rows - 0.3 * pitch_y) / pitch_y
    cell_x, cell_y = np.floor(u), np.floor(v)
    fits = (cell_x >= 0) & ((cell_x + share_x) * pitch_x + inset < size[1] - 1)
    fits = fits & (cell_y >= 0) & ((cell_y + share_y + 0.3) * pitch_y < size[0] - 1)
    pane = (u - cell_x < share_x) & (v - cell_y < share_y) & fits
    frame = 0.9 * unit
    inner = (u - cell_x > frame / pitch_x) & (v - cell_y > frame / pitch_y)
    inner &= (u - cell_x < share_x - frame / pitch_x) & (
        v - cell_y < share_y - frame / pitch_y
    )
    glass = rng.random((16, 16), dtype=np.float32)
    lit = glass[cell_y.astype(int) % 16, cell_x.astype(int) % 16]
    shine = np.where(lit > 0.85, 0.75, 0.12 + 0.25 * lit)[..., None]
    wall = np.where(pane[..., None], np.float32(0.88), wall)
    return np.where((pane & inner)[..., None], shine.astype(np.float32), wall)


def draw_building(canvas: Canvas, x: float, nearness: float) -> None:
    """A house with a pitched roof or a block with a flat one, two faces seen."""
    rng, meter = canvas.rng, canvas.meter(nearness)
    house = rng.random() < 0.55
    wide = (7 + 6 * rng.random()) if house else (9 + 12 * rng.random())
    tall = (4 + 3 * rng.random()) if house else (8 + 14 * rng.random())
    wide, tall = max(wide * meter, 14 * canvas.unit), max(tall * meter, 12)
    tall, wide = min(tall, 1.1 * canvas.size[0]), min(wide, 0.8 * canvas.size[1])
    # The side seen is the one that faces the middle of the picture.
    to_right = x < canvas.size[1] / 2
    side = wide * (0.2 + 0.4 * rng.random())
    roof = tall * (0.35 + 0.3 * rng.random()) if house else 0.03 * tall
    size = (int(tall + roof) + 2, int(wide + side) + 2)
    color = draw_color(rng, BUILDING)
    front_lit = 0.85 + 0.25 * rng.random()
    faces = canvas.light_from > 0
    side_lit = front_lit * (1.15 if faces == to_right else 0.65)

    patch = np.zeros((*size, 3), np.float32)
    ground, eaves = size[0] - 1, size[0] - 1 - tall
    front = _wall(canvas, (int(tall) + 1, int(wide) + 1), meter, color)
    rest = size[1] - int(wide) - 1
    flank = _wall(canvas, (int(tall) + 1, rest), meter, color)
    top = ground - int(tall)
    patch[top : top + int(tall) + 1, : int(wide) + 1] = front * np.float32(front_lit)
    patch[top : top + int(tall) + 1, int(wide) + 1 :] = flank * np.float32(side_lit)
    shrink = tall * (0.04 + 0.08 * rng.random()) * (canvas.camera_height < 8)
    left = [(wide, ground), (0, ground), (0, eaves), (wide, eaves)]
    right = [(wide + side, eaves + shrink), (wide + side, ground - 0.6 * shrink)]
    mask = polygon(size, [*left[1:], *right, left[0]])
    if house:
        ridge = [(0.0, eaves), (side * 0.5, eaves - roof)]
        ridge += [(wide + side * 0.5, eaves - roof), (wide, eaves)]
        cover = polygon(size, ridge)
        gable = polygon(
            size,
            [
                (wide, eaves),
                (wide + side * 0.5, eaves - roof),
                (wide + side, eaves + shrink),
            ],
        )
        tiles = 0.8 + 0.35 * (np.mod(np.arange(size[0]), max(3 * canvas.unit, 2)) > 1.2)
        tiles = tiles[:, None] + 0.3 * (window(canvas.grain, rng, size) - 0.5)
        tint = draw_color(rng, BUILDING) * np.float32(0.75 + 0.3 * rng.random())
        patch = np.where(
            (gable & ~mask)[..., None], color * np.float32(side_lit), patch
        )
        patch = np.where(cover[..., None], tint * tiles[..., None], patch)
        mask |= cover | gable
    else:
        mask |= polygon(size, [(0, 0), (wide, 0), (wide, eaves), (0, eaves)])
    if not to_right:
        patch, mask = patch[:, ::-1], mask[:, ::-1]
    canvas.shadow(x, nearness, wide, tall)
    corner = (x - size[1] / 2, canvas.row(nearness) - size[0] + 1)
    canvas.stamp(patch.astype(np.float32), mask, corner, BUILDING, nearness)


def draw_pole(canvas: Canvas, x: float, nearness: float) -> None:
    """A lamp post: it hides what is behind and belongs to no class."""
    meter = canvas.meter(nearness)
    tall, thick = 5 * meter, max(0.09 * meter, 1.0)
    size = (int(tall) + 2, int(1.2 * meter) + 4)
    mask = np.zeros(size, np.uint8)
    fill(mask, [(1, size[0]), (1, 1), (1 + thick, 1), (1 + thick, size[0])], 1)
    fill(mask, [(1, 1), (1.2 * meter, 1), (1.2 * meter, 1 + thick), (1, 1 + thick)], 1)
    patch = np.full((*size, 3), 0.2 + 0.3 * canvas.rng.random(), np.float32)
    corner = (x, canvas.row(nearness) - size[0] + 1)
    canvas.stamp(patch, mask > 0, corner, NOTHING, nearness)
