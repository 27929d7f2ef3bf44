"""What is shown of each cluster, gathered image by image in bounded memory."""

import csv
import io
from pathlib import Path

import cv2
import numpy as np

from ..files import write_whole
from ..scores import biggest_crops
from ..visualization import CardRow, draw_crop, save_card_pages

NUM_CARDS = 9
GOOD = 0.25  # of the best crop's weight: what is as large and sure as this is shown
COLUMNS = ('id', 'name', 'color', 'share', 'images', 'mean_color')

# How large and sure a crop is, and its picture.
Weighed = tuple[float, np.ndarray]


class ClusterCards:
    """The biggest crops of each cluster, and its figures.

    Args:
        classes: What the ids in masks are called.
        palette: Color of each, [r, g, b].
        num_cards: Crops of each cluster, of different images.
        num_images: How many images will be added. With it crops come from all parts of
            their sequence if they are good: frames of one scene do not fill a card.

    Attributes:
        sizes: Pixels of each cluster so far, (K,) int64.
        images: Images that each one occurs in, (K,) int64.
    """

    def __init__(
        self,
        classes: tuple[str, ...],
        palette: list,
        num_cards: int = NUM_CARDS,
        num_images: int | None = None,
    ) -> None:
        self.classes, self.palette, self.num_cards = classes, palette, num_cards
        self.num_images, self._seen = num_images, 0
        self.sizes = np.zeros(len(classes), np.int64)
        self.images = np.zeros(len(classes), np.int64)
        self._colors = np.zeros((len(classes), 3))
        self._crops: list[list[Weighed]] = [[] for _ in classes]
        # The best crop of each part of the sequence.
        self._of_parts: list[dict[int, Weighed]] = [{} for _ in classes]

    @property
    def shares(self) -> np.ndarray:
        """Share of all pixels so far, (K,) in [0, 1]."""
        return self.sizes / max(1, self.sizes.sum())

    @property
    def mean_colors(self) -> np.ndarray:
        """Mean [r, g, b] of each cluster's pixels, (K, 3) in [0, 255]."""
        return self._colors / np.maximum(1, self.sizes)[:, None]

    @property
    def crops(self) -> list[list[np.ndarray]]:
        """Pictures of each cluster, best first; of :func:`draw_crop`."""
        spread = map(self._spread, self._crops, self._of_parts)
        return [[crop for _, crop in kept] for kept in spread]

    def add(
        self,
        image: np.ndarray,
        ids: np.ndarray,
        confidence: np.ndarray | None = None,
        whole: np.ndarray | None = None,
    ) -> None:
        """Takes one image.

        Args:
            image: (H, W, 3) uint8 BGR.
            ids: (H, W); ids without a name do not count.
            confidence: How sure the network is, (H, W). With it a crop counts by the
                sum over its pixels, so that what is large and sure comes first; without
                it by its size.
            whole: The image at a larger size, to cut crops from.
        """
        part = None
        if self.num_images is not None:
            part = self._seen * self.num_cards // self.num_images
        self._seen += 1
        known = ids < len(self.classes)
        counts = np.bincount(ids[known], minlength=len(self.classes))
        self.sizes += counts
        self.images += counts > 0
        for channel in range(3):
            values = image[..., 2 - channel][known]
            self._colors[:, channel] += np.bincount(
                ids[known], values, len(self.classes)
            )
        for cluster, size, box in biggest_crops(np.where(known, ids.astype(int), -1)):
            kept, best = self._crops[cluster], self._of_parts[cluster]
            own = ids == cluster
            if confidence is not None:
                size *= float(confidence[box][own[box]].mean(dtype=np.float64))
            leads = part is not None and (part not in best or best[part][0] < size)
            if len(kept) == self.num_cards and kept[-1][0] >= size and not leads:
                continue
            crop = (size, _draw(image if whole is None else whole, own, box))
            if leads:
                best[part] = crop
            kept.append(crop)
            kept.sort(key=lambda crop: -crop[0])
            del kept[self.num_cards :]

    def _spread(
        self, kept: list[Weighed], of_parts: dict[int, Weighed]
    ) -> list[Weighed]:
        """The best crop of each part where it is good, then the best of the others."""
        chosen = [c for c in of_parts.values() if c[0] >= GOOD * kept[0][0]]
        chosen = chosen[: self.num_cards]
        taken = {id(crop) for crop in chosen}
        more = [crop for crop in kept if id(crop) not in taken]
        chosen += more[: self.num_cards - len(chosen)]
        return sorted(chosen, key=lambda crop: -crop[0])

    def save_pages(self, folder: Path) -> list[Path]:
        """Writes pages of pictures, the largest cluster first."""
        shares = 100 * self.shares
        crops = self.crops
        rows = [
            CardRow(
                self.classes[cluster].replace('cluster_', ''),
                (
                    f'{shares[cluster]:.2f} % of pixels',
                    f'{self.images[cluster]} images',
                ),
                self.palette[cluster],
                crops[cluster],
            )
            for cluster in np.argsort(-self.sizes, kind='stable').tolist()
            if self.sizes[cluster]
        ]
        return save_card_pages(folder, rows)

    def save_table(self, path: Path) -> None:
        """Writes the figures as CSV, a line for each cluster."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator='\n')
        table.writerow(COLUMNS)
        shares, means = self.shares, self.mean_colors
        for cluster, name in enumerate(self.classes):
            color = _hex(self.palette[cluster])
            share = f'{shares[cluster]:.6f}'
            mean = _hex(means[cluster].round().astype(int))
            table.writerow((cluster, name, color, share, self.images[cluster], mean))
        write_whole(path, text.getvalue().encode())


def _draw(image: np.ndarray, part: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    """As :func:`draw_crop`, for an image of another size than the part."""
    height, width = image.shape[:2]
    if (height, width) == part.shape:
        return draw_crop(image, part, box)
    scaled = cv2.resize(255 * part.astype(np.uint8), (width, height)) > 127
    sides = zip(box, part.shape, (height, width), strict=True)
    rows, columns = (
        slice(s.start * new // old, -(-s.stop * new // old)) for s, old, new in sides
    )
    return draw_crop(image, scaled, (rows, columns))


def _hex(color) -> str:
    return '#' + ''.join(f'{int(channel):02x}' for channel in color)
