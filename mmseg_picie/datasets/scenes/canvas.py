"""The picture while it is painted: pixels, labels, camera and light."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from .noise import value_noise
from .palette import ANIMAL, BUILDING, NOTHING, TREE, VEHICLE

STANDING = (TREE, BUILDING, VEHICLE, ANIMAL, NOTHING)


@dataclass
class Canvas:
    """A scene under construction, painted from far to near.

    Attributes:
        rng: The only source of randomness of the scene.
        size: Height and width in pixels.
        horizon: Row of the horizon.
        camera_height: Meters above a flat ground; sets the size of everything.
        light_from: -1 light from the left, 1 from the right, continuous between.
        haze: How much of the haze color the horizon gets, in [0, 1].
        haze_color: BGR in [0, 1], (3,), set by the sky.
    """

    rng: np.random.Generator
    size: tuple[int, int]
    horizon: int
    camera_height: float
    light_from: float
    haze: float
    haze_color: np.ndarray = field(default_factory=lambda: np.ones(3, np.float32))

    def __post_init__(self) -> None:
        height, width = self.size
        self.image = np.zeros((height, width, 3), np.float32)
        self.labels = np.full((height, width), NOTHING, np.uint8)
        self.unit = height / 192
        self.grain = self.rng.random(self.size, dtype=np.float32)
        self.speckle = value_noise(self.rng, self.size, (2.5 * self.unit,) * 2)
        rows = np.arange(height, dtype=np.float32)
        self.nearness = np.clip((rows - self.horizon) / (height - self.horizon), 0, 1)

    def row(self, nearness: float) -> int:
        """Row of the ground at a nearness: 0 is the horizon, 1 the lower border."""
        return int(self.horizon + nearness * (self.size[0] - self.horizon))

    def meter(self, nearness: float) -> float:
        """Pixels of one meter that stands at a nearness."""
        return nearness * (self.size[0] - self.horizon) / self.camera_height

    def label_at(self, x: float, nearness: float) -> int:
        """Class id of the ground where something is to stand."""
        height, width = self.size
        row = min(self.row(nearness), height - 1)
        return int(self.labels[row, int(np.clip(x, 0, width - 1))])

    def fog(self, color: np.ndarray, nearness: np.ndarray | float) -> np.ndarray:
        """Blends colors (..., 3) with the haze by their nearness (...)."""
        # At least 1-d: NumPy 1 would turn a float32 scalar into float64 here.
        nearness = np.array(nearness, np.float32, ndmin=1)
        amount = self.haze * np.square(1 - nearness)
        return color + amount[..., None] * (self.haze_color - color)

    def paint(self, mask: np.ndarray, color: np.ndarray, class_id: int) -> None:
        """Covers the mask (H, W), bool, with colors (H, W, 3) and a class."""
        np.copyto(self.image, color, where=mask[..., None])
        self.labels[mask] = class_id

    def stamp(
        self,
        patch: np.ndarray,
        mask: np.ndarray,
        corner: tuple[float, float],
        class_id: int,
        nearness: float,
    ) -> None:
        """Puts an object on the canvas; what lies outside is cut off.

        Args:
            patch: Colors, BGR in [0, 1], (h, w, 3), float32.
            mask: Where the object is, (h, w), bool.
            corner: Column and row of the patch's upper left pixel.
            class_id: Class of the object.
            nearness: Place of its foot, for the haze.
        """
        left, top = int(corner[0]), int(corner[1])
        height, width = self.size
        x0, y0 = max(left, 0), max(top, 0)
        x1 = min(left + mask.shape[1], width)
        y1 = min(top + mask.shape[0], height)
        if x0 >= x1 or y0 >= y1:
            return
        cut = np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
        place = np.s_[y0:y1, x0:x1]
        mask = mask[cut]
        color = self.fog(patch[cut], nearness)
        np.copyto(self.image[place], color, where=mask[..., None])
        self.labels[place][mask] = class_id

    def shadow(self, x: float, nearness: float, width: float, length: float) -> None:
        """Darkens the ground beside an object, away from the light.

        Args:
            x: Column of the object's foot.
            nearness: Place of the foot.
            width: Width of the object in pixels.
            length: Length of the shadow in pixels, along the ground.
        """
        shade = np.zeros(self.size, np.uint8)
        reach = -self.light_from * length
        center = (int(x + reach / 2), self.row(nearness))
        axes = (int(width / 2 + abs(reach) / 2), int(max(width * 0.12, 1)))
        cv2.ellipse(shade, center, axes, 0, 0, 360, 1, -1)
        x0, x1 = max(center[0] - axes[0], 0), max(center[0] + axes[0] + 1, 0)
        y0, y1 = max(center[1] - axes[1], 0), max(center[1] + axes[1] + 1, 0)
        place = np.s_[y0:y1, x0:x1]
        dark = (shade[place] > 0) & ~np.isin(self.labels[place], STANDING)
        self.image[place][dark] *= 0.55


def polygon(size: tuple[int, int], points: list[tuple[float, float]]) -> np.ndarray:
    """Mask of the pixels whose center lies in a polygon, by the even-odd rule.

    ``cv2.fillPoly`` colors other border pixels from one version to the next; the
    class maps must not depend on that.

    Args:
        size: Height and width of the mask.
        points: Corners (x, y) in pixels; pixel centers are whole numbers.

    Returns:
        The mask, (h, w), bool.
    """
    height, width = size
    # True where a row crosses an edge. The last column takes crossings on the right.
    flips = np.zeros((height, width + 1), bool)
    corners = np.asarray(points, np.float64)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0)):
        first, last = np.ceil([min(y0, y1), max(y0, y1)]).clip(0, height).astype(int)
        rows = np.arange(first, last)
        if len(rows):
            crossing = x0 + (rows - y0) * ((x1 - x0) / (y1 - y0))
            flips[rows, np.ceil(crossing).clip(0, width).astype(int)] ^= True
    return np.logical_xor.accumulate(flips, axis=1)[:, :width]


def fill(image: np.ndarray, points: list[tuple[float, float]], value) -> None:
    """Sets a polygon's pixels, corners (x, y), in an image (h, w) or (h, w, 3)."""
    image[polygon(image.shape[:2], points)] = value
