"""Classes of the generated scenes and the colors that they share."""

import numpy as np

SCENE_CLASSES = (
    'sky',
    'mountain',
    'water',
    'grass',
    'tree',
    'road',
    'building',
    'vehicle',
    'animal',
)
SCENE_PALETTE = [
    [120, 190, 255],
    [140, 120, 150],
    [30, 80, 200],
    [150, 220, 90],
    [20, 110, 40],
    [90, 90, 90],
    [200, 90, 60],
    [250, 200, 30],
    [230, 60, 200],
]
SKY, MOUNTAIN, WATER, GRASS, TREE, ROAD, BUILDING, VEHICLE, ANIMAL = range(9)
NOTHING = 255

# Dark and light end of each tone, BGR in [0, 1].
TONES = {
    'gray': ((0.31, 0.30, 0.29), (0.72, 0.70, 0.68)),
    'green': ((0.15, 0.30, 0.17), (0.38, 0.66, 0.52)),
    'brown': ((0.14, 0.24, 0.38), (0.38, 0.60, 0.76)),
    'blue': ((0.46, 0.33, 0.21), (0.86, 0.70, 0.50)),
    'pale': ((0.68, 0.70, 0.72), (0.90, 0.91, 0.92)),
}
# The tones overlap on purpose: a class must be told by its texture and place. Each
# row says how often a class wears gray, green, brown, blue, pale.
WEIGHTS = {
    SKY: (0.20, 0.00, 0.00, 0.60, 0.20),
    MOUNTAIN: (0.60, 0.10, 0.25, 0.05, 0.00),
    WATER: (0.15, 0.10, 0.00, 0.75, 0.00),
    GRASS: (0.00, 0.85, 0.15, 0.00, 0.00),
    TREE: (0.00, 0.80, 0.20, 0.00, 0.00),
    ROAD: (0.85, 0.00, 0.15, 0.00, 0.00),
    BUILDING: (0.15, 0.00, 0.60, 0.00, 0.25),
    VEHICLE: (0.20, 0.20, 0.20, 0.20, 0.20),
    ANIMAL: (0.10, 0.00, 0.60, 0.00, 0.30),
}
# Range between the dark end (0) and the light end (1) of the tone.
LIGHTNESS = {
    SKY: (0.50, 1.00),
    MOUNTAIN: (0.20, 0.80),
    WATER: (0.10, 0.60),
    GRASS: (0.30, 0.90),
    TREE: (0.00, 0.50),
    ROAD: (0.10, 0.60),
    BUILDING: (0.30, 0.90),
    VEHICLE: (0.00, 1.00),
    ANIMAL: (0.00, 1.00),
}


def draw_color(rng: np.random.Generator, class_id: int) -> np.ndarray:
    """Random base color of a class: BGR in [0, 1], (3,), float32."""
    tone = list(TONES)[
        int(np.searchsorted(np.cumsum(WEIGHTS[class_id])[:-1], rng.random(), 'right'))
    ]
    dark, light = (np.array(end) for end in TONES[tone])
    low, high = LIGHTNESS[class_id]
    mix = low + (high - low) * rng.random()
    color = dark + mix * (light - dark) + 0.05 * (rng.random(3) - 0.5)
    return color.astype(np.float32)
