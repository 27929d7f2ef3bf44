"""Sky and mountains."""

import numpy as np

from .canvas import Canvas
from .noise import fractal_noise, value_noise
from .palette import MOUNTAIN, SKY, draw_color


def draw_sky(canvas: Canvas) -> None:
    """Smooth gradient, soft clouds and a glow round the sun; sets the haze color."""
    rng, (height, width) = canvas.rng, canvas.size
    top = draw_color(rng, SKY)
    low = top + (0.35 + 0.3 * rng.random()) * (np.float32(0.93) - top)
    fall = np.clip(np.arange(height, dtype=np.float32) / max(canvas.horizon, 1), 0, 1)
    sky = top + fall[:, None, None] * (low - top) + np.zeros((1, width, 1), np.float32)

    cover = rng.random()
    flat = 0.10 + 0.35 * rng.random()
    cloud = fractal_noise(rng, canvas.size, (height * flat, width * 0.45), 4)
    amount = np.clip((cloud - 0.62 + 0.25 * cover) * 4, 0, 1) * (0.35 + 0.5 * cover)
    shade = np.float32(0.95) - rng.random() * 0.35 * cloud[..., None]
    sky += amount[..., None] * (shade - sky)

    columns = np.arange(width, dtype=np.float32)
    sun = width * (0.5 + 0.5 * canvas.light_from)
    distance = np.square((columns[None] - sun) / width) + np.square(
        (np.arange(height, dtype=np.float32)[:, None] - 0.1 * height) / width
    )
    glow = rng.random() * 0.5 / (1 + 25 * distance)
    sky += glow[..., None] * (np.array([0.85, 0.95, 1.0], np.float32) - sky)
    canvas.haze_color = (0.7 * low + 0.3 * np.float32(0.8)).astype(np.float32)
    canvas.paint(np.ones(canvas.size, bool), sky, SKY)


def draw_mountains(canvas: Canvas, ridges: int) -> None:
    """Ridges of rock one before the other, lit from the side, some with snow."""
    rng, (height, width) = canvas.rng, canvas.size
    rows = np.arange(height, dtype=np.float32)[:, None]
    peak = canvas.horizon * (0.35 + 0.5 * rng.random())
    color = draw_color(rng, MOUNTAIN)
    snowy = rng.random() < 0.35
    for ridge in range(ridges):
        scale = peak * (1 - 0.45 * ridge)
        cell = width * (0.25 + 0.25 * rng.random())
        profile = fractal_noise(rng, (1, width), (1, cell), 5, 0.5)
        crest = canvas.horizon - scale * (0.25 + 0.9 * profile)
        mask = (rows >= crest) & (rows < canvas.horizon + 2)

        rock = fractal_noise(rng, canvas.size, (22 * canvas.unit, 16 * canvas.unit), 4)
        rock = 1 - np.abs(2 * rock - 1)
        # The slope across the light gives facets: bright on one side of each rib.
        slope = np.zeros_like(rock)
        step = max(int(2 * canvas.unit), 1)
        slope[:, step:] = rock[:, step:] - rock[:, :-step]
        side = 1.0 if canvas.light_from > 0 else -1.0
        shade = 0.55 + 0.5 * rock - side * 2.6 * slope
        shade += 0.25 * (canvas.speckle - 0.5)
        patch = color * np.clip(shade, 0.2, 1.7)[..., None]
        if snowy:
            line = crest + scale * (0.15 + 0.5 * value_noise(rng, (1, width), (1, 9)))
            snow = (rows < line) & (rock > 0.55)
            white = np.float32(0.9) * np.clip(shade, 0.55, 1.02)[..., None]
            patch = np.where(snow[..., None], white, patch)
        near = 0.25 + 0.3 * ridge
        patch = canvas.fog(patch, np.full(1, near, np.float32))
        canvas.paint(mask, patch.astype(np.float32), MOUNTAIN)
