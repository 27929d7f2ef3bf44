"""Makes both views of an image, against a chain of PIL calls; the loader's speed."""

import argparse
import atexit
import functools
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from mmcv.transforms import LoadImageFromFile
from mmengine.registry import init_default_scope
from PIL import Image
from torch.utils.data import DataLoader

from mmseg_picie.datasets import ImageFolderDataset, collate_views
from mmseg_picie.views import ViewParams, ViewRanges, draw_view_params, make_views

from .measure import Case, Job
from .pictures import HEIGHT, WIDTH, encoded_image
from .released_views import (
    MEAN,
    SIZE,
    STD,
    ViewFiles,
    open_rgb,
    released_frame,
    released_tensor,
    released_views,
)

NUM_IMAGES = 32
BATCH_SIZE = 8
WORKERS = 16  # of the aim below
AIM = 2000  # images a second
NUMBER_OF_TRIES = 5  # of a part that is timed for a note


def cases(args: argparse.Namespace) -> list[Case]:
    """The stage's cases; everything runs on one core, as in a loader's worker."""
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    return [
        Case('both views, decoding apart', _decoded, 20, repeats=5, on_cpu=True),
        Case('both views, with decoding', _encoded, 10, repeats=5, on_cpu=True),
        Case('loader, one worker', _loaded, repeats=5, on_cpu=True),
    ]


# --- inputs -------------------------------------------------------------------------


def encoded_images() -> list[bytes]:
    """The images as JPEG files."""
    return [encoded_image(index, quality=90) for index in range(NUM_IMAGES)]


@functools.cache
def image_files() -> list[str]:
    """The same as files in a temporary folder, which is removed at the end."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    paths = []
    for index, content in enumerate(encoded_images()):
        paths.append(str(Path(folder.name, f'{index:04d}.jpg')))
        Path(paths[-1]).write_bytes(content)
    return paths


def drawn_params() -> list[ViewParams]:
    """Random parameters of the first round, in the released ranges, for both sides."""
    return [draw_view_params(0, 0, index, ViewRanges()) for index in range(NUM_IMAGES)]


# --- cases --------------------------------------------------------------------------


def _decoded() -> Job:
    images = [
        cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        for content in encoded_images()
    ]
    pictures = [Image.fromarray(image[..., ::-1].copy()) for image in images]
    params, ranges = drawn_params(), ViewRanges()

    def ours() -> None:
        for index, image in enumerate(images):
            make_views(image, draw_view_params(0, 0, index, ranges), (SIZE, SIZE))

    def baseline() -> None:
        for picture, drawn in zip(pictures, params):
            frame = released_frame(picture)
            released_views([frame, frame], drawn)

    def difference() -> str:
        some = (images[:8], pictures[:8])
        levels = view_difference(*some, params[:8])
        same_hue = view_difference(*some, [without_hue(drawn) for drawn in params[:8]])
        frame = released_frame(pictures[0])
        box = params[0].geometric.box
        tensors = _quickest(lambda: released_tensor(frame, box, False))
        floats = torch.rand(3, SIZE, SIZE)
        normalize = _quickest(lambda: floats.mul(1 / 255).sub_(MEAN).div_(STD))
        return (
            f'the views differ by {levels[0]:.1f} and {levels[1]:.1f} of 255 levels on '
            f'average, without hue by {same_hue[0]:.1f} and {same_hue[1]:.1f}: ours '
            'turns hue in YIQ and not in HSV, clips once at the end and averages 480 '
            'px down to 320, where PIL enlarges to 640 px first; PIL makes its '
            f'Gaussian of boxes\n  tensors (to float, crop, resize, normalize) are '
            f'{2 * tensors:.1f} ms per image of the baseline, as its loader makes '
            'them; ours leaves uint8 to the device, which normalizes: on this core '
            f'{2 * normalize:.1f} ms more'
        )

    return Job(ours, baseline, units=len(images), remark=difference)


def _encoded() -> Job:
    paths, params, ranges = image_files(), drawn_params(), ViewRanges()
    load = LoadImageFromFile()

    def ours() -> None:
        for index, path in enumerate(paths):
            image = load(dict(img_path=path))['img']
            make_views(image, draw_view_params(0, 0, index, ranges), (SIZE, SIZE))

    def baseline() -> None:
        for path, drawn in zip(paths, params):
            frames = [released_frame(open_rgb(path)) for _ in range(2)]
            released_views(frames, drawn)

    def difference() -> str:
        kilobytes = sum(map(len, encoded_images())) / len(paths) / 1000
        path = paths[0]
        ours_ms = _quickest(lambda: load(dict(img_path=path)))
        baseline_ms = _quickest(lambda: open_rgb(path))
        again_ms = _quickest(lambda: released_frame(open_rgb(path)))
        return (
            f'{WIDTH} x {HEIGHT} JPEG files of {kilobytes:.0f} kB; decoding takes ours '
            f'{ours_ms:.1f} and the baseline {baseline_ms:.1f} ms a time. The baseline '
            'decodes and resizes for each view, as the released clustering and '
            f'labeling do; its training does so once for both, {again_ms:.1f} ms less'
        )

    return Job(ours, baseline, units=len(paths), remark=difference)


def _loaded() -> Job:
    paths, params = image_files(), drawn_params()
    init_default_scope('mmseg')
    dataset = ImageFolderDataset(
        data_prefix=dict(img_path=str(Path(paths[0]).parent)),
        pipeline=[
            dict(type='LoadImageFromFile'),
            dict(type='PairedViews', size=SIZE),
            dict(type='PackViews'),
        ],
    )
    options = dict(batch_size=BATCH_SIZE, num_workers=1, persistent_workers=True)
    ours = DataLoader(dataset, collate_fn=collate_views, **options)
    baseline = DataLoader(ViewFiles(paths, params), **options)

    def difference() -> str:
        times = []
        for loader in (ours, baseline):
            milliseconds = _quickest(lambda loader=loader: _exhaust(loader)) / len(
                paths
            )
            rate = 1000 / milliseconds
            times.append(f'{rate:.0f} images/s, {WORKERS * rate:.0f} from {WORKERS}')
        return (
            f'one worker gives at best {times[0]} workers on as many cores (ours) and '
            f'{times[1]} (baseline), by multiplication; the aim is {AIM} from '
            f'{WORKERS}, {1000 * WORKERS / AIM:.0f} ms per image\n'
            '  memory is that of the process that receives the batches'
        )

    return Job(
        lambda: _exhaust(ours),
        lambda: _exhaust(baseline),
        units=len(paths),
        remark=difference,
    )


def without_hue(params: ViewParams) -> ViewParams:
    """The same parameters without hue, which the two sides define differently."""
    first, second = params.photometric1, params.photometric2
    return replace(
        params,
        photometric1=replace(first, hue=0.0),
        photometric2=replace(second, hue=0.0),
    )


def _exhaust(loader: DataLoader) -> None:
    for _ in loader:
        pass


def _quickest(run: Callable[[], object]) -> float:
    """Milliseconds of the fastest of a few runs."""
    times = []
    for _ in range(NUMBER_OF_TRIES):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def view_difference(
    images: list[np.ndarray],
    pictures: list[Image.Image],
    params: list[ViewParams],
) -> tuple[float, float]:
    """Mean absolute difference of each view between both ways, in 8-bit levels.

    Args:
        images: (H, W, 3) uint8, BGR.
        pictures: The same as RGB.
        params: What is applied to each.
    """
    sums = [0.0, 0.0]
    for image, picture, drawn in zip(images, pictures, params):
        pair = make_views(image, drawn, (SIZE, SIZE))
        frame = released_frame(picture)
        released = released_views([frame, frame], drawn)
        for view, (ours, theirs) in enumerate(zip((pair.view1, pair.view2), released)):
            rgb = torch.from_numpy(ours[..., ::-1].copy()).permute(2, 0, 1)
            sums[view] += float((255 * (theirs * STD + MEAN) - rgb).abs().mean())
    return sums[0] / len(images), sums[1] / len(images)
