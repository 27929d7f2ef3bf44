"""Drawn images that are as costly to decode as photographs."""

import functools

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 480  # px; most images of COCO


@functools.cache
def encoded_image(index: int, quality: int = 95) -> bytes:
    """A drawn image as a JPEG file: 126 kB at 95, as large as COCO's of its size."""
    options = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return cv2.imencode('.jpg', draw_image(index), options)[1].tobytes()


def draw_image(index: int) -> np.ndarray:
    """Soft patches of color with edges and texture, (480, 640, 3) uint8, BGR."""
    rng = np.random.default_rng(index)
    image = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    # Finer detail is fainter, as in photographs.
    for level in range(7):
        shape = (3 * 2**level, 4 * 2**level)
        # Channels vary together for the most part: photographs are rarely vivid.
        noise = rng.normal(0, 60, (*shape, 1)) + rng.normal(0, 15, (*shape, 3))
        noise = (noise / 1.7**level).astype(np.float32)
        image += cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        center = (int(rng.integers(WIDTH)), int(rng.integers(HEIGHT)))
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.circle(mask, center, int(rng.integers(15, 120)), 1, -1)
        image += rng.normal(0, 20, 3).astype(np.float32) * mask[..., None]
    image += rng.normal(0, 6, (HEIGHT, WIDTH, 1))
    return np.clip(image + 120, 0, 255).astype(np.uint8)
