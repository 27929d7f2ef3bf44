"""What moves: vehicles and animals."""

import cv2
import numpy as np

from .canvas import Canvas, fill
from .noise import value_noise, window
from .palette import ANIMAL, VEHICLE, draw_color

# Side views in meters, foot at y = 0, front to the right: (body, panes, wheels,
# length, height).
SIDE_VIEWS = {
    'saloon': (
        [(0, 0.3), (0, 0.9), (0.7, 0.95), (1.2, 1.42), (2.6, 1.42), (3.2, 0.95),
         (4.2, 0.8), (4.3, 0.3)],
        [[(0.95, 0.95), (1.3, 1.34), (1.85, 1.34), (1.85, 0.95)],
         [(1.95, 0.95), (1.95, 1.34), (2.55, 1.34), (2.95, 0.95)]],
        (0.85, 3.4), 4.3, 1.5,
    ),
    'hatchback': (
        [(0, 0.3), (0.05, 1.0), (0.35, 1.5), (2.2, 1.5), (2.8, 1.0), (3.6, 0.85),
         (3.7, 0.3)],
        [[(0.35, 1.02), (0.55, 1.4), (1.2, 1.4), (1.2, 1.02)],
         [(1.3, 1.02), (1.3, 1.4), (2.1, 1.4), (2.55, 1.02)]],
        (0.7, 2.95), 3.7, 1.6,
    ),
    'van': (
        [(0, 0.35), (0, 2.1), (3.7, 2.1), (4.4, 1.25), (5.0, 1.05), (5.0, 0.35)],
        [[(3.2, 1.25), (3.2, 1.85), (3.65, 1.85), (4.15, 1.25)]],
        (0.9, 4.0), 5.0, 2.2,
    ),
    'bus': (
        [(0, 0.35), (0, 2.9), (8.8, 2.9), (9.0, 2.6), (9.0, 0.35)],
        [[(k + 0.3, 1.4), (k + 0.3, 2.3), (k + 1.15, 2.3), (k + 1.15, 1.4)]
         for k in range(8)],
        (1.7, 7.2), 9.0, 3.0,
    ),
}  # fmt: skip


def draw_vehicle(canvas: Canvas, x: float, nearness: float, from_side: bool) -> None:
    """A car, van or bus: smooth panels, dark panes, round wheels."""
    rng, meter = canvas.rng, canvas.meter(nearness)
    color = draw_color(rng, VEHICLE)
    if from_side:
        name = list(SIDE_VIEWS)[int(np.searchsorted([0.35, 0.7, 0.9], rng.random()))]
        body, panes, wheels, long, tall = SIDE_VIEWS[name]
        round_wheels = [(w, 0.33, 0.33) for w in wheels]
        lamps = [(long - 0.2, 0.7, (0.75, 0.9, 0.95)), (0.1, 0.75, (0.1, 0.1, 0.75))]
    else:
        tall = float(np.searchsorted([0.75], rng.random())) * 0.8 + 1.5
        long = 1.8 + 0.25 * (tall - 1.5)
        body = [(0, 0.3), (0, 0.9), (0.2, tall - 0.05), (long - 0.2, tall - 0.05)]
        body += [(long, 0.9), (long, 0.3)]
        panes = [
            [(0.2, 0.95), (0.32, tall - 0.2), (long - 0.32, tall - 0.2)]
            + [(long - 0.2, 0.95)]
        ]
        round_wheels = [(0.25, 0.2, 0.2), (long - 0.25, 0.2, 0.2)]
        red = (0.15, 0.15, 0.8) if rng.random() < 0.5 else (0.8, 0.92, 0.95)
        lamps = [(0.15, 0.7, red), (long - 0.15, 0.7, red)]
    meter = max(meter, 5 * canvas.unit / tall)
    size = (int(tall * meter) + 3, int(long * meter) + 3)

    def place(points):
        return [(1 + px * meter, size[0] - 2 - py * meter) for px, py in points]

    mask = np.zeros(size, np.uint8)
    patch = np.zeros((*size, 3), np.float32)
    fill(mask, place(body), 1)
    # Lacquer mirrors the sky: bright above, dark below, a sharp line between.
    up = np.linspace(1, 0, size[0], dtype=np.float32)[:, None, None]
    patch[:] = color * (0.6 + 0.55 * up) + 0.18 * (np.abs(up - 0.52) < 0.06)
    glass = (0.16 + 0.12 * rng.random(3)).tolist()
    for pane in panes:
        fill(patch, place(pane), glass)
    for wx, wy, radius in round_wheels:
        (cx, cy), r = place([(wx, wy)])[0], max(radius * meter, 1)
        center = (int(cx), int(cy))
        cv2.circle(mask, center, int(r), 1, -1)
        cv2.circle(patch, center, int(r), (0.08, 0.08, 0.08), -1)
        cv2.circle(patch, center, int(0.5 * r), (0.5, 0.5, 0.5), -1)
    for lx, ly, light in lamps:
        (cx, cy) = place([(lx, ly)])[0]
        cv2.circle(patch, (int(cx), int(cy)), int(0.09 * meter), light, -1)
    if rng.random() < 0.5:
        patch, mask = patch[:, ::-1], mask[:, ::-1]
    canvas.shadow(x, nearness, 1.05 * size[1], 0.6 * size[0])
    corner = (x - size[1] / 2, canvas.row(nearness) - size[0] + 2)
    canvas.stamp(patch, mask > 0, corner, VEHICLE, nearness)


def draw_animal(canvas: Canvas, x: float, nearness: float, kind: str) -> None:
    """A cow with patches, a sheep with wool or a plain horse, seen from the side."""
    rng = canvas.rng
    tall = {'cow': 1.5, 'sheep': 1.0, 'horse': 1.9}[kind]
    meter = max(tall * canvas.meter(nearness), 8 * canvas.unit)  # Size of the animal.
    size = (int(1.15 * meter) + 3, int(1.7 * meter) + 3)
    ground, thick = size[0] - 2, max(int(0.085 * meter), 1)
    mask = np.zeros(size, np.uint8)
    middle = 0.75 * meter
    plump = {'cow': 0.24, 'sheep': 0.3, 'horse': 0.18}[kind]
    grazing = rng.random() < 0.5
    legs = (-0.36, -0.25, 0.25, 0.36)
    for leg in legs:
        sway = 0.05 * (rng.random() - 0.5)
        foot = (int(middle + (leg + sway) * meter), int(ground))
        hip = (int(middle + leg * meter), int(ground - 0.55 * meter))
        cv2.line(mask, foot, hip, 2, thick)
    trunk = (int(middle), int(ground - 0.66 * meter))
    cv2.ellipse(mask, trunk, (int(0.5 * meter), int(plump * meter)), 0, 0, 360, 1, -1)
    head_y = 0.3 if grazing else {'cow': 0.85, 'sheep': 0.85, 'horse': 1.0}[kind]
    head = (int(middle + 0.64 * meter), int(ground - head_y * meter))
    neck = (int(middle + 0.38 * meter), int(ground - 0.72 * meter))
    cv2.line(mask, neck, head, 1, int(0.15 * meter) + 1)
    axes = (int(0.15 * meter) + 1, int(0.075 * meter) + 1)
    cv2.ellipse(mask, head, axes, 50 if grazing else 25, 0, 360, 3, -1)
    tail = (int(middle - 0.52 * meter), int(ground - 0.35 * meter))
    rump = (int(middle - 0.47 * meter), int(ground - 0.72 * meter))
    cv2.line(mask, rump, tail, 2, max(int(0.035 * meter), 1))

    color = draw_color(rng, ANIMAL)
    height = np.linspace(1.2, 0.6, size[0], dtype=np.float32)[:, None]
    if kind == 'cow':
        spots = value_noise(rng, size, (0.3 * meter, 0.35 * meter)) > 0.52
        dark = color * np.float32(0.3)
        coat = np.where(spots[..., None], dark, np.maximum(color, 0.75))
    elif kind == 'sheep':
        curl = value_noise(rng, size, (max(0.09 * meter, 2),) * 2)
        coat = np.maximum(color, 0.5) * (0.5 + 0.9 * curl)[..., None]
    else:
        hair = window(canvas.grain, rng, size)
        coat = color * (0.65 + 0.15 * hair)[..., None]
    coat = coat * height[..., None]
    coat = np.where((mask == 3)[..., None], color * np.float32(0.6), coat)
    coat = np.where((mask == 2)[..., None], coat * np.float32(0.6), coat)
    if rng.random() < 0.5:
        coat, mask = coat[:, ::-1], mask[:, ::-1]
    canvas.shadow(x, nearness, 1.1 * meter, 0.6 * meter)
    corner = (x - size[1] / 2, canvas.row(nearness) - size[0] + 2)
    canvas.stamp(coat.astype(np.float32), mask > 0, corner, ANIMAL, nearness)
