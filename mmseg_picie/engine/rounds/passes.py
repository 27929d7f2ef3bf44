"""Passes over the training images outside the training loop."""

from collections.abc import Callable, Iterator, Sequence

import torch
from mmcv.transforms import LoadAnnotations
from mmengine.dataset import Compose
from mmengine.dist import get_world_size
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ...datasets import (
    ClusteringBatchSampler,
    collate_views,
    leaves,
    number_samples,
    with_leaves,
)
from ...errors import InputError
from .pass_progress import PassProgress


class ImagePass:
    """Visits images of a data set once, each process its part.

    Args:
        dataset: What to visit.
        batch_size: Images per step and process.
        num_workers: Loader workers; they stay alive between passes.
        collate: Makes a batch of samples.
        title: Name in the progress bar.
        share: Share of the images that a pass visits, in (0, 1].
        numbers: Number of each sample, by which its views are drawn; by default its
            index.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        num_workers: int,
        collate: Callable,
        title: str,
        share: float,
        numbers: Sequence[int] | None = None,
    ) -> None:
        number_samples(dataset, numbers)
        self.title = title
        self.sampler = ClusteringBatchSampler(len(dataset), batch_size, share)
        if self.num_images < get_world_size():
            raise InputError(
                f'a pass visits {self.num_images} of the {len(dataset)} images of the '
                f'data set, with {get_world_size()} processes: start at most one '
                'process per image'
                + (', or raise KMeansLabelHook.image_share' if share < 1 else '')
            )
        self.loader = DataLoader(
            dataset,
            batch_sampler=self.sampler,
            num_workers=num_workers,
            collate_fn=collate,
            persistent_workers=num_workers > 0,
            pin_memory=torch.cuda.is_available(),
        )

    @property
    def num_images(self) -> int:
        """Images of a pass, over all processes."""
        return self.sampler.num_images

    @property
    def images_per_step(self) -> int:
        """Images of a full step over all processes."""
        return self.sampler.batch_size * self.sampler.world_size

    def run(
        self, key: tuple[int, int], title: str | None = None
    ) -> Iterator[tuple[list[int], object]]:
        """Yields (indices of the images, batch) in the order of ``key``.

        Args:
            key: (seed, round).
            title: Name in the progress bar, if not that of the pass.
        """
        self.sampler.key = key
        progress = PassProgress(title or self.title, self.num_images)
        with progress:
            for indices, batch in zip(self.sampler, self.loader, strict=True):
                yield indices, batch
                progress.advance(self.images_per_step)


def pass_size(
    loader: DataLoader, batch_size: int | None, num_workers: int | None
) -> tuple[int, int]:
    """Images per step and process of a pass, and its workers.

    Args:
        loader: That of training, for what is not given.
        batch_size: As configured, or None.
        num_workers: Likewise.
    """
    workers = loader.num_workers if num_workers is None else num_workers
    return batch_size or loader.batch_sampler.batch_size, workers


def view_pass(
    dataset: Dataset,
    batch_size: int,
    num_workers: int,
    share: float,
    numbers: Sequence[int] | None = None,
) -> ImagePass:
    """A pass over paired views, batches as in training."""
    title = 'clustering'
    return ImagePass(
        dataset, batch_size, num_workers, collate_views, title, share, numbers
    )


def refit_pass(
    runner: Runner, images: str, batch_size: int, num_workers: int, share: float
) -> ImagePass:
    """A pass over the images that evaluation centroids are fitted on.

    Args:
        runner: About to train.
        images: 'train', or 'val' for all images of validation.
        batch_size: Images per step and process.
        num_workers: Loader workers.
        share: Share of the training images that the pass visits.
    """
    if images == 'val':
        dataset, share = runner.val_loop.dataloader.dataset, 1.0
    else:
        dataset = runner.train_dataloader.dataset
    title = 'fitting evaluation centroids'
    steps = evaluation_transforms(runner)
    return plain_pass(dataset, steps, batch_size, num_workers, title, share)


def plain_pass(
    dataset: Dataset,
    transforms: list,
    batch_size: int,
    num_workers: int,
    title: str,
    share: float = 1.0,
) -> ImagePass:
    """A pass over images through the transforms of test images.

    Annotations are not loaded: training images need none.
    """
    steps = [step for step in transforms if not isinstance(step, LoadAnnotations)]
    pipeline = Compose(steps)
    dataset = with_leaves(dataset, lambda part: setattr(part, 'pipeline', pipeline))
    return ImagePass(dataset, batch_size, num_workers, list, title, share)


def evaluation_transforms(runner: Runner) -> list:
    """The transforms that images are evaluated through.

    Those of the validation data, so that centroids are fitted at the resolution they
    are evaluated at; without validation, the config's ``test_pipeline``.

    Raises:
        InputError: If there is neither.
    """
    if runner.val_loop is not None:
        dataset = next(leaves(runner.val_loop.dataloader.dataset))
        return dataset.pipeline.transforms
    if runner.cfg.get('test_pipeline') is None:
        raise InputError(
            'the config has neither val_dataloader nor test_pipeline, through which '
            'the evaluation centroids are fitted: add one'
        )
    return Compose(runner.cfg.test_pipeline).transforms


def images_by_shape(
    samples: list[dict], preprocess: Callable
) -> Iterator[tuple[list[int], Tensor, Tensor | None]]:
    """Stacks packed test samples into batches of equal size.

    Args:
        samples: Outputs of ``PackSegInputs``.
        preprocess: The model's data preprocessor.

    Yields:
        Positions in ``samples``, images (n, 3, H, W) normalized on the device, and
        the ignored pixels (n, H, W) bool or None.
    """
    groups: dict[tuple, list[int]] = {}
    for position, sample in enumerate(samples):
        groups.setdefault(tuple(sample['inputs'].shape), []).append(position)
    for positions in groups.values():
        batch = dict(
            inputs=[samples[p]['inputs'] for p in positions],
            data_samples=[samples[p]['data_samples'] for p in positions],
        )
        images = preprocess(batch, False)['inputs']
        masks = [sample.get('ignore_mask') for sample in batch['data_samples']]
        height, width = batch['inputs'][0].shape[-2:]
        padded = images.shape[-2:] != (height, width)
        ignore = None
        if padded or masks[0] is not None:
            # What the preprocessor padded, right and below, is no part of the image.
            ignore = images.new_ones(len(images), *images.shape[-2:], dtype=torch.bool)
            ignore[:, :height, :width] = False
            if masks[0] is not None:
                given = torch.stack([torch.as_tensor(mask) for mask in masks])
                ignore[:, :height, :width] = given.to(images.device)
        yield positions, images, ignore
