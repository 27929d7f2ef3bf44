"""Both views of an image by a chain of PIL calls, as PiCIE's released loader works."""

import io
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageEnhance, ImageFilter, ImageOps
from torch import Tensor
from torch.utils.data import Dataset

from mmseg_picie.views import PhotometricParams, ViewParams

SIZE = 320  # px; side of both views
FRAME = 640  # px; side of the square that everything before is done on
BLUR_FRAME = 640  # px; the frame that blur_sigma is stated for
MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


def released_frame(image: Image.Image, side: int = FRAME) -> Image.Image:
    """Resizes the short side to ``side`` and takes the center square: (side, side)."""
    scale = side / min(image.size)
    width, height = (round(scale * edge) for edge in image.size)
    image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - side) // 2, (height - side) // 2
    return image.crop((left, top, left + side, top + side))


def released_photometric(image: Image.Image, params: PhotometricParams) -> Image.Image:
    """Applies the operations that were drawn, one by one, on 8-bit pixels."""
    if params.brightness != 1:
        image = ImageEnhance.Brightness(image).enhance(params.brightness)
    if params.contrast != 1:
        image = ImageEnhance.Contrast(image).enhance(params.contrast)
    if params.saturation != 1:
        image = ImageEnhance.Color(image).enhance(params.saturation)
    if params.hue:
        hsv = np.array(image.convert('HSV'))
        hsv[..., 0] += np.uint8(round(params.hue * 255) % 256)  # wraps around
        image = Image.fromarray(hsv, 'HSV').convert('RGB')
    if params.grayscale:
        image = ImageOps.grayscale(image).convert('RGB')
    if params.blur_sigma:
        sigma = params.blur_sigma * image.width / BLUR_FRAME
        image = image.filter(ImageFilter.GaussianBlur(sigma))
    return image


def to_float(image: Image.Image) -> Tensor:
    """(3, H, W) in [0, 1]."""
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()
    return pixels.float().div_(255)


def released_tensor(
    image: Image.Image,
    box: tuple[float, ...] | None,
    flip: bool,
    size: int = SIZE,
) -> Tensor:
    """Converts to float, crops and flips, resizes, normalizes: (3, size, size)."""
    pixels = to_float(image)
    if box is not None:
        left, top, right, bottom = (round(image.width * edge) for edge in box)
        pixels = pixels[:, top:bottom, left:right]
    pixels = F.interpolate(pixels[None], (size, size), mode='bilinear')[0]
    if box is not None and flip:
        pixels = pixels.flip(2)
    return pixels.sub_(MEAN).div_(STD)


def released_view(
    frame: Image.Image, params: ViewParams, view: int, size: int = SIZE
) -> Tensor:
    """View 0 is cropped and flipped; view 1 is whole: its features are cropped later.

    Returns:
        (3, size, size), normalized.
    """
    geometric = params.geometric
    if view == 0:
        image = released_photometric(frame, params.photometric1)
        return released_tensor(image, geometric.box, geometric.flip, size)
    image = released_photometric(frame, params.photometric2)
    return released_tensor(image, None, False, size)


def released_views(
    frames: Sequence[Image.Image], params: ViewParams
) -> tuple[Tensor, Tensor]:
    """Both views, each from its own frame; the two frames may be the same one."""
    return released_view(frames[0], params, 0), released_view(frames[1], params, 1)


def open_rgb(source: str | io.BytesIO) -> Image.Image:
    """Decodes an image file, (480, 640) RGB."""
    with Image.open(source) as image:
        return image.convert('RGB')


class ViewFiles(Dataset):
    """Views of image files and their labels; each sample is decoded and resized once.

    Args:
        paths: Image files.
        params: Draws of each image.
        views: Which views to make, of (0, 1).
        size: Side of a view in pixels.
        frame: Side of the square that everything before is done on.
        labels: Folder of the label files, or None.
    """

    def __init__(
        self,
        paths: list[str],
        params: list[ViewParams],
        views: tuple[int, ...] = (0, 1),
        size: int = SIZE,
        frame: int = FRAME,
        labels: Path | None = None,
    ) -> None:
        self.paths = paths
        self.params = params
        self.views = views
        self.size = size
        self.frame = frame
        self.labels = labels

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[int, list[Tensor], list[Tensor]]:
        frame = released_frame(open_rgb(self.paths[index]), self.frame)
        params = self.params[index]
        images = [released_view(frame, params, view, self.size) for view in self.views]
        labels = []
        if self.labels is not None:
            for view in self.views:
                with open(self.labels / f'{view}_{index}.pkl', 'rb') as file:
                    labels.append(torch.from_numpy(pickle.load(file)))
        return index, images, labels
