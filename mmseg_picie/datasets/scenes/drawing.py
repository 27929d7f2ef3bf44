"""A whole scene: what is in it, where, and how the camera sees it."""

from functools import partial

import cv2
import numpy as np

from ...errors import InputError
from .backdrop import draw_mountains, draw_sky
from .canvas import Canvas
from .ground import draw_grass, draw_road, draw_water
from .moving import draw_animal, draw_vehicle
from .palette import GRASS, ROAD
from .standing import draw_building, draw_forest, draw_pole, draw_tree

DEFAULT_SIZE = (192, 256)
SMALLEST_SIDE = 32


def draw_scene(
    seed: int, index: int, size: tuple[int, int] = DEFAULT_SIZE
) -> tuple[np.ndarray, np.ndarray]:
    """Draws one landscape and its class map.

    The result depends on the three arguments only: integer rasters and plain
    arithmetic, so that versions of NumPy and OpenCV agree.

    Args:
        seed: Seed of the whole data set, at least 0.
        index: Number of the scene, at least 0.
        size: Height and width in pixels, at least 32 each.

    Returns:
        Image, BGR, (H, W, 3), uint8, and class ids, 255 where no class applies,
        (H, W), uint8.

    Raises:
        InputError: If an argument is out of its range.
    """
    if seed < 0 or index < 0:
        raise InputError(f'seed and index must be >= 0, got {seed} and {index}')
    if min(size) < SMALLEST_SIDE:
        raise InputError(f'size must be >= {SMALLEST_SIDE} each way, got {size}')
    rng = np.random.Generator(np.random.PCG64([seed, index]))
    canvas = Canvas(
        rng=rng,
        size=(int(size[0]), int(size[1])),
        horizon=int(size[0] * (0.24 + 0.3 * rng.random())),
        camera_height=2.2 + 3.0 * rng.random(),
        light_from=float(2 * rng.random() - 1),
        haze=float(0.1 + 0.6 * rng.random()),
    )
    draw_sky(canvas)
    if rng.random() < 0.75:
        draw_mountains(canvas, int(rng.integers(1, 4)))
    draw_grass(canvas)
    if rng.random() < 0.55:
        draw_water(canvas)
    if rng.random() < 0.65:
        draw_road(canvas)
    if rng.random() < 0.6:
        draw_forest(canvas, 0.02 + 0.06 * rng.random())
    # Far things first: what is nearer hides what is behind.
    for _, draw in sorted(_place_objects(canvas), key=lambda item: item[0]):
        draw()
    return _expose(canvas), canvas.labels


def _spots(canvas: Canvas, count: int, near: tuple[float, float], allowed) -> list:
    """Up to ``count`` places (column, nearness) on ground of the allowed classes."""
    rng, found = canvas.rng, []
    for _ in range(6 * count):
        if len(found) == count:
            break
        x = rng.random() * canvas.size[1]
        nearness = near[0] + (near[1] - near[0]) * rng.random()
        if canvas.label_at(x, nearness) in allowed:
            found.append((x, nearness))
    return found


def _place_objects(canvas: Canvas) -> list:
    """Draws what stands where: a list of (nearness, function that draws it)."""
    rng, things = canvas.rng, []

    def add(function, spots, *rest):
        for x, nearness in spots:
            things.append((nearness, partial(function, canvas, x, nearness, *rest)))

    if rng.random() < 0.75:
        count = int(rng.integers(1, 6))
        add(draw_building, _spots(canvas, count, (0.07, 0.3), (GRASS,)))
    if rng.random() < 0.9:
        add(draw_tree, _spots(canvas, int(rng.integers(1, 9)), (0.06, 0.35), (GRASS,)))
    if rng.random() < 0.35:
        add(draw_tree, _spots(canvas, 1, (0.4, 0.85), (GRASS,)))
    if rng.random() < 0.8:
        sideways = bool(rng.random() < 0.5)
        count = int(rng.integers(1, 5))
        spots = _spots(canvas, count, (0.12, 0.75), (ROAD,))
        if not spots and rng.random() < 0.6:
            spots = _spots(canvas, min(count, 2), (0.2, 0.7), (GRASS,))
        add(draw_vehicle, spots, sideways)
    if rng.random() < 0.7:
        kind = ('cow', 'sheep', 'horse')[int(rng.integers(0, 3))]
        spots = _spots(canvas, int(rng.integers(2, 8)), (0.3, 0.9), (GRASS,))
        add(draw_animal, spots, kind)
    if rng.random() < 0.3:
        add(draw_pole, _spots(canvas, 3, (0.2, 0.8), (GRASS,)))
    return things


def _expose(canvas: Canvas) -> np.ndarray:
    """Color cast, exposure, lens and sensor: (H, W, 3), uint8."""
    rng, (height, width) = canvas.rng, canvas.size
    warmth = 0.16 * (rng.random() - 0.5)
    cast = np.array([1 - warmth, 1 + 0.1 * (rng.random() - 0.5), 1 + warmth])
    gain = (0.8 + 0.35 * rng.random()) * cast
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    # Brighter towards the light, darker in the corners.
    lens = 1 - 0.1 * (x * x + y * y) + 0.12 * canvas.light_from * x
    image = canvas.image * gain.astype(np.float32) * lens[..., None]
    image = np.clip(np.round(image * 255), 0, 255).astype(np.uint8)
    image = cv2.GaussianBlur(image, (3, 3), 0.5)
    noise = rng.integers(-4, 5, image.shape, dtype=np.int16)
    return np.clip(image.astype(np.int16) + noise, 0, 255).astype(np.uint8)
