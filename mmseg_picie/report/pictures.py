"""Pictures and id maps as text inside the page."""

import base64
import zlib
from collections.abc import Iterable, Sequence

import cv2
import numpy as np

# (longest side in px, quality) from good to small.
STEPS = ((112, 82), (112, 60), (96, 50), (80, 40), (64, 40), (48, 30))


def data_uri(image: np.ndarray, quality: int) -> str:
    """A picture as a WebP data URI.

    Args:
        image: (H, W, 3) uint8 BGR.
        quality: From 1 to 100.

    Raises:
        OSError: If OpenCV has no encoder for WebP.
    """
    options = [cv2.IMWRITE_WEBP_QUALITY, quality]
    done, encoded = cv2.imencode('.webp', image, options)
    if not done:
        raise OSError('OpenCV cannot encode WebP: install opencv-python anew')
    return f'data:image/webp;base64,{base64.b64encode(encoded).decode()}'


def encode_crops(crops: Sequence[Sequence[np.ndarray]], budget: int) -> list[list[str]]:
    """Crops as data URIs, the best that fit into a budget.

    Args:
        crops: Of each cluster, (h, w, 3) uint8 BGR each.
        budget: Bytes at most of all of them. Where even small pictures take more, each
            cluster has fewer, at least one.
    """
    encoded: list[list[str]] = []
    for side, quality in STEPS:
        encoded = [
            [data_uri(shrink(crop, side), quality) for crop in own] for own in crops
        ]
        if total_length(encoded) <= budget:
            return encoded
    most = max(map(len, encoded), default=0)
    while total_length(encoded) > budget and most > 1:
        most -= 1
        encoded = [own[:most] for own in encoded]
    return encoded


def total_length(texts: Iterable[Iterable[str]]) -> int:
    """Characters of all texts."""
    return sum(len(text) for own in texts for text in own)


def shrink(image: np.ndarray, side: int) -> np.ndarray:
    """An image whose longest side is at most ``side`` px, averaged to be smaller."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    size = [max(1, round(scale * length)) for length in (width, height)]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def sample_ids(ids: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The id in the middle of each pixel of another (height, width)."""
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new)
        for new, old in zip(size, ids.shape, strict=True)
    )
    return ids[rows[:, None], columns]


def pack_ids(ids: np.ndarray) -> str:
    """Ids for the page: 16 bits each, low byte first, deflated, in base64.

    Not a picture: browsers that guard against tracking change pixels a little when a
    page reads them.

    Args:
        ids: (H, W), in [0, 65535].
    """
    values = np.ascontiguousarray(ids, dtype='<u2')
    # Low bytes and high bytes apart: the high ones are mostly 0.
    planes = values.view(np.uint8).reshape(-1, 2).T
    return base64.b64encode(zlib.compress(planes.tobytes(), 9)).decode()


def hex_color(color: Sequence[int]) -> str:
    """'#rrggbb' of [r, g, b]."""
    return '#' + ''.join(f'{int(channel):02x}' for channel in color)
