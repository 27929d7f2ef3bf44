"""What lies flat: grass, water, road."""

import numpy as np

from .canvas import Canvas
from .noise import fractal_noise, value_noise
from .palette import GRASS, ROAD, WATER, draw_color


def draw_grass(canvas: Canvas) -> None:
    """Upright blades, longer near the camera, over broad patches."""
    rng, unit = canvas.rng, canvas.unit
    near = canvas.nearness[:, None]
    fine = value_noise(rng, canvas.size, (3.5 * unit, 1.3 * unit))
    coarse = value_noise(rng, canvas.size, (13 * unit, 2.2 * unit))
    blades = fine + near * (coarse - fine)
    patches = fractal_noise(rng, canvas.size, (9 * unit, 60 * unit), 2)
    light = 1 + (0.7 + 0.7 * near) * (blades - 0.5) + 0.5 * (patches - 0.5)
    light *= 0.9 + 0.2 * (canvas.grain > 0.9)
    color = draw_color(rng, GRASS) * light[..., None]
    # Dry tips: the bright blades lean to yellow.
    color += np.clip(blades - 0.6, 0, 1)[..., None] * np.array(
        [-0.05, 0.18, 0.2], np.float32
    )
    ground = np.broadcast_to(canvas.nearness[:, None] > 0, canvas.size)
    canvas.paint(ground, canvas.fog(color, near), GRASS)


def draw_water(canvas: Canvas) -> None:
    """Level ripples, closer towards the horizon, over a mirrored picture."""
    rng, (height, width) = canvas.rng, canvas.size
    near = canvas.nearness
    tall = height - canvas.horizon
    density = np.clip(0.16 * 1.05 / (near + 0.05), 0, 0.6) / canvas.unit
    at = np.cumsum(np.minimum(density, 0.6).astype(np.float64))
    sheet = value_noise(rng, (int(at[-1]) + 3, width), (1, 22 * canvas.unit))
    below = at.astype(np.int64)
    part = (at - below).astype(np.float32)[:, None]
    ripple = sheet[below] + part * (sheet[below + 1] - sheet[below])

    rows = np.clip(2 * canvas.horizon - np.arange(height), 0, height - 1)
    mirror = canvas.image[rows]
    color = draw_color(rng, WATER)
    mirrored = 0.2 + 0.3 * rng.random()
    patch = color + mirrored * (mirror - color)
    patch = patch * (0.95 + 0.75 * (ripple - 0.5))[..., None]
    glint = np.clip((ripple - 0.75) * 4, 0, 1) * (0.2 + 0.4 * rng.random())
    patch += glint[..., None] * (canvas.haze_color - patch)

    kind = rng.random()
    shore = value_noise(rng, (1, width), (1, width / 5))
    columns = np.arange(width, dtype=np.float32)[None] / width
    if rng.random() < 0.5:
        columns = columns[:, ::-1]
    if kind < 0.45:  # A lake or sea across the picture.
        far = 0.02 * rng.integers(0, 4)
        edge = 0.35 + 0.55 * rng.random() + 0.12 * (shore - 0.5)
        mask = (near[:, None] > far) & (near[:, None] < edge)
    elif kind < 0.8:  # A bay that fills one side.
        edge = 0.25 + 0.55 * rng.random() - columns + 0.5 * near[:, None]
        mask = edge + 0.15 * (shore - 0.5) > 0
    else:  # A river that leaves towards the horizon.
        bend = value_noise(rng, (height, 1), (tall * 0.4, 1)) - 0.5
        center = 0.3 + 0.4 * rng.random() + bend * (1.2 - near[:, None])
        mask = np.abs(columns - center) < 0.03 + 0.32 * near[:, None]
    mask = mask & (near[:, None] > 0)
    canvas.paint(mask, canvas.fog(patch, near[:, None]), WATER)


def draw_road(canvas: Canvas) -> None:
    """Fine grain, worn wheel tracks and lane marks; asphalt or gravel."""
    rng, width = canvas.rng, canvas.size[1]
    near = canvas.nearness[:, None]
    columns = np.arange(width, dtype=np.float32)[None]
    meter = canvas.meter(1.0) * near
    wide = 3.0 + 5.0 * rng.random()
    if rng.random() < 0.7:  # Runs away from the camera.
        start = width * (0.15 + 0.7 * rng.random())
        foot = width * (0.1 + 0.8 * rng.random())
        bend = width * 0.8 * (rng.random() - 0.5)
        center = start + (foot - start) * near + bend * near * (1 - near)
        across = (columns - center) / np.maximum(meter, 1e-3)
        along = canvas.camera_height / np.maximum(near, 1e-2) * 1.5
        along = np.broadcast_to(along, canvas.size)
    else:  # Runs across the picture, parallel to the horizon.
        place = 0.3 + 0.45 * rng.random()
        lean = 0.5 * (rng.random() - 0.5)
        tilt = lean * (columns / width - 0.5)
        # Depth is flattened: the band has to be seen whole.
        across = (near - place - tilt) * (wide / (0.18 + 0.25 * rng.random()))
        along = columns / max(canvas.meter(place), 1e-3) + 0 * near
    half = wide / 2
    ragged = 0.06 * wide * (value_noise(rng, canvas.size, (3, 3)) - 0.5)
    paved = rng.random() < 0.7
    mask = (np.abs(across) < half + ragged * (not paved)) & (near > 0.015)

    grain = 0.6 * (canvas.grain - 0.5) + 0.35 * (canvas.speckle - 0.5)
    light = 0.92 + grain * (0.55 if paved else 0.9)
    light -= 0.16 * (np.abs(np.abs(across) - 0.5 * half) < 0.13 * half)
    patch = draw_color(rng, ROAD) * light[..., None]
    if paved:
        # Never thinner than about a pixel, or the marks vanish with distance.
        thin = np.maximum(0.1, 0.6 * canvas.unit / np.maximum(meter, 1e-3))
        dash = (np.floor(along / 3).astype(np.int64) % 2 == 0) | (rng.random() < 0.2)
        marks = (np.abs(across) < thin) & dash
        marks |= np.abs(np.abs(across) - 0.9 * half) < 0.8 * thin
        paint = (
            np.array([0.8, 0.85, 0.88], np.float32)
            * (0.8 + 0.3 * canvas.grain)[..., None]
        )
        patch = np.where(marks[..., None], paint, patch)
    canvas.paint(mask, canvas.fog(patch, near), ROAD)
