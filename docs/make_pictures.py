"""Draws docs/method.png: an image, its two views, their features and clusters.

    python docs/make_pictures.py

The image is a generated scene; views, features and clusters are those of the package.
It takes about a minute.
"""

import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from mmseg_picie import Segmenter
from mmseg_picie.datasets import generate_scenes
from mmseg_picie.inference import predicting_centroids
from mmseg_picie.models import cluster_meta
from mmseg_picie.views import (
    GeometricParams,
    ViewPair,
    ViewParams,
    ViewRanges,
    base_frame,
    draw_view_params,
    make_views,
    warp,
)
from mmseg_picie.visualization.fonts import draw_text

PICTURE = Path(__file__).resolve().parent / 'method.png'
SCENES, SHOWN, CLUSTERS = 40, 3, 20
SIDE, GAP, HEADING, TEXT = 208, 10, 46, 14  # px
SEED = 1  # of the colors of the views
INK = (25, 25, 25)
CROP = GeometricParams(box=(0.25, 0.3, 0.95, 1.0), flip=True)
PANELS = (
    (('the image', ''), ('', '')),
    (
        ('view 1: other colors,', 'cropped, mirrored'),
        ('view 2: other colors', 'again'),
    ),
    (('features of view 1', ''), ('features of view 2', '')),
    (('', ''), ('the same crop, mirrored,', 'of these features')),
    (
        ('clusters of view 1:', 'both views learn them'),
        ('clusters of view 2:', 'both views learn them'),
    ),
)
Panels = list[tuple[np.ndarray | None, np.ndarray | None]]


def enlarge(picture: np.ndarray) -> np.ndarray:
    """A picture whose pixels are cells of a map, (SIDE, SIDE, 3)."""
    return cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)


def shade(all_maps: list[Tensor]) -> list[np.ndarray]:
    """Three main axes of features as colors.

    Args:
        all_maps: (D, h, w) each.

    Returns:
        (SIDE, SIDE, 3) uint8 each.
    """
    points = torch.cat([maps.flatten(1) for maps in all_maps], 1).T
    center = points.mean(0)
    axes = torch.linalg.svd(points - center, full_matrices=False)[2][:3].T
    low, high = torch.quantile(
        (points - center) @ axes, torch.tensor([0.02, 0.98]), dim=0
    )
    shaded = []
    for maps in all_maps:
        values = (maps.permute(1, 2, 0) - center) @ axes
        colors = ((values - low) / (high - low)).clamp(0, 1) * 255
        shaded.append(enlarge(colors.numpy().astype(np.uint8)))
    return shaded


def draw_clusters(maps: Tensor, centroids: Tensor) -> np.ndarray:
    """The nearest of (K, D) centroids at each cell of maps (D, h, w), as colors."""
    palette = np.array(cluster_meta(len(centroids))['palette'], np.uint8)[:, ::-1]
    ids = torch.cdist(maps.flatten(1).T, centroids).argmin(1)
    return enlarge(palette[ids.reshape(maps.shape[1:]).numpy()])


def draw_views(image: np.ndarray) -> ViewPair:
    """The two views of an image, (H, W, 3) uint8 BGR."""
    colors = draw_view_params(SEED, 0, 0, ViewRanges(grayscale_prob=0, blur_prob=0))
    params = ViewParams(CROP, colors.photometric1, colors.photometric2)
    return make_views(image, params, (SIDE, SIDE))


@torch.no_grad()
def panels(segmenter: Segmenter, image: np.ndarray) -> Panels:
    """The pictures from left to right, the upper and the lower one each."""
    pair, model = draw_views(image), segmenter.model
    pixels = np.stack([pair.view1, pair.view2])[..., ::-1].transpose(0, 3, 1, 2)
    normal = model.data_preprocessor
    inputs = (torch.from_numpy(pixels.copy()).float() - normal.mean) / normal.std
    first, second = model.embed(inputs)
    moved = warp(
        second[None],
        torch.from_numpy(pair.box)[None],
        torch.tensor([pair.flip]),
        tuple(second.shape[1:]),
    )[0]
    shaded = shade([first, second, moved])
    centroids = torch.as_tensor(predicting_centroids(segmenter))
    return [
        (cv2.resize(base_frame(image, 'center'), (SIDE, SIDE)), None),
        (pair.view1, pair.view2),
        (shaded[0], shaded[1]),
        (None, shaded[2]),
        (draw_clusters(first, centroids), draw_clusters(moved, centroids)),
    ]


def draw(columns: Panels) -> np.ndarray:
    """One picture of all panels and what they are, (H, W, 3) uint8 BGR."""
    height, width = SIDE + HEADING + GAP, SIDE + GAP
    picture = np.full((2 * height, len(columns) * width + GAP, 3), 255, np.uint8)
    for x, (column, texts) in enumerate(zip(columns, PANELS, strict=True)):
        for y, (panel, lines) in enumerate(zip(column, texts, strict=True)):
            left, top = GAP + x * width, y * height
            for number, line in enumerate(lines):
                draw_text(picture, (left, top + 6 + 18 * number), line, TEXT, INK)
            if panel is not None:
                top += HEADING
                picture[top : top + SIDE, left : left + SIDE] = panel
    return picture


def main() -> None:
    """Clusters generated scenes and draws one of them."""
    with tempfile.TemporaryDirectory() as folder:
        scenes = generate_scenes(Path(folder) / 'scenes', dict(train=SCENES))
        segmenter = Segmenter.fit(
            scenes / 'images' / 'train',
            clusters=CLUSTERS,
            minutes=0,
            size=SIDE,
            out=Path(folder) / 'run',
        )
        image = cv2.imread(str(scenes / 'images' / 'train' / f'{SHOWN:06d}.png'))
        cv2.imwrite(str(PICTURE), draw(panels(segmenter, image)))


if __name__ == '__main__':
    main()
