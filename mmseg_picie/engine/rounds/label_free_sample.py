"""A fixed sample of training pixels that clusterings are scored on."""

import copy
import logging
from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from mmengine.logging import print_log
from torch import Tensor
from torch.utils.data import Dataset, Subset

from ...models import TrainedSegmentor, valid_cells
from ...scores import balanced_levels, label_free_scores, nearest_neighbors
from ...views import draw_order, draw_pixels, round_clock
from .passes import images_by_shape, plain_pass, view_pass
from .run_parts import gather_rows


class LabelFreeSample:
    """Images and cells of their embeddings, drawn once as a function of the seed.

    Each process embeds its share of the images, then all hold the rows of all in the
    same order on the CPU and come to the same scores.

    Args:
        dataset: Training images with their paired views.
        transforms: The transforms that images are evaluated through.
        seed: Seed of the run.
        num_images: Images in the sample; a smaller data set joins whole.
        points_per_image: Cells of each image, of its plain and of its paired views; an
            image with fewer valid cells gives them all.
        batch_size: Images per step and process.

    Raises:
        InputError: If a number is out of range, or there are fewer images than
            processes.
    """

    def __init__(
        self,
        dataset: Dataset,
        transforms: list,
        seed: int,
        num_images: int,
        points_per_image: int,
        batch_size: int,
    ) -> None:
        order = draw_order(seed, 0, len(dataset))[:num_images]
        images = Subset(dataset, order.tolist())
        self.seed = seed
        self.points_per_image = points_per_image
        title = 'label-free scores'
        self._plain = plain_pass(images, transforms, batch_size, 0, title)
        numbers = order.tolist()  # the views of training
        self._views = view_pass(images, batch_size, 0, share=1.0, numbers=numbers)

    def initial_neighbors(self, model: TrainedSegmentor, count: int) -> Tensor:
        """Points alike in the backbone's features as they are now.

        All levels of the backbone, in evaluation mode, at the cells of the embedding
        and at equal total variance; neighbors are of other images.

        Args:
            model: With a frozen copy, which has the grid of the embedding.
            count: Neighbors N of each point; fewer, and a warning, where a point has
                not as many points of other images beside it.

        Returns:
            Indices of points, (M, N) int32, CPU; N is 0 where there is one image.
        """
        backbone = copy.deepcopy(model.backbone)
        backbone.eval()  # some return nothing from it

        def levels(images: Tensor) -> Sequence[Tensor]:
            maps = backbone(images)
            return (maps,) if isinstance(maps, Tensor) else maps

        (_, *features), owners = self._sampled(self._plain_maps(model, levels))
        channels = [level.shape[1] for level in features]
        features = balanced_levels(torch.cat(features, 1), channels)
        others = len(owners) - int(torch.bincount(owners, minlength=1).max())
        if others < count:
            print_log(
                f'LabelFreeScoresHook.num_neighbors is {count}, but the sample has '
                f'only {others} points of other images for a point: '
                + (
                    f'neighbor_agreement takes {others}'
                    if others
                    else 'there is no neighbor_agreement, which needs two images'
                ),
                'current',
                level=logging.WARNING,
            )
        return nearest_neighbors(features, owners, min(count, others))

    def points(self, model: TrainedSegmentor) -> Tensor:
        """Embeddings of the plain images by the frozen copy, (M, D) float32, CPU."""
        (points,), _ = self._sampled(self._plain_maps(model, lambda images: ()))
        return points

    def view_points(
        self, model: TrainedSegmentor, round_index: int
    ) -> tuple[Tensor, Tensor]:
        """Embeddings of the same pixels in both views of a round, (P, D) each."""
        round_clock.set(self.seed, round_index)
        points, _ = self._sampled(self._view_maps(model))
        return tuple(points)

    # --- work -----------------------------------------------------------------

    def _plain_maps(self, model: TrainedSegmentor, more: Callable) -> Iterator[tuple]:
        """Yields positions in the sample, maps of their images and ignored pixels."""
        for indices, samples in self._plain.run((self.seed, 0)):
            for rows, images, ignore in images_by_shape(
                samples, model.data_preprocessor
            ):
                maps = (model.frozen_embed(images), *more(images))
                yield [indices[row] for row in rows], maps, ignore

    def _view_maps(self, model: TrainedSegmentor) -> Iterator[tuple]:
        """Both views in the frame of view 1, also of a model that trains on one."""
        for indices, batch in self._views.run((self.seed, 0), 'label-free scores'):
            inputs = model.data_preprocessor(batch, True)['inputs']
            if not inputs:
                continue
            yield indices, model.frozen_pair(inputs), inputs.get('ignore')

    @torch.no_grad()
    def _sampled(self, steps: Iterator[tuple]) -> tuple[list[Tensor], Tensor]:
        """Rows of each map at the drawn cells of the first, images in order.

        Returns:
            A (M, C_i) for each map, and the image that each row is of, (M,).
        """
        parts, owners, channels = [], [], []
        for positions, maps, ignore in steps:
            channels = [level.shape[1] for level in maps]
            valid = valid_cells(ignore, maps[0]).view(len(positions), -1)
            for row, position in enumerate(positions):
                cells = valid[row].nonzero().flatten()
                drawn = draw_pixels(
                    self.seed, 0, position, len(cells), self.points_per_image
                )
                cells = cells[torch.from_numpy(drawn).to(cells.device)]
                grid = maps[0].shape[2:]
                values = [values_at(level[row].float(), cells, grid) for level in maps]
                parts.append(torch.cat(values, 1).cpu())
                owners.append(torch.full((len(cells),), position))
        rows, owners = gather_rows(torch.cat(parts)), gather_rows(torch.cat(owners))
        order = owners.sort(stable=True).indices
        return list(rows[order].split(channels, dim=1)), owners[order]


def score_sample(
    points: Tensor,
    views: tuple[Tensor, Tensor],
    neighbors: Tensor,
    predict: Callable[[Tensor], Tensor],
    num_clusters: int,
) -> tuple[dict[str, float | None], Tensor]:
    """Scores of a clustering on a sample, and the clusters of its points, (M,).

    Args:
        points: (M, D), as the next two from one :class:`LabelFreeSample`.
        views: (P, D) each.
        neighbors: (M, N).
        predict: Cluster ids of points, (M, D) -> (M,) on the CPU.
        num_clusters: K.
    """
    clusters, *view_clusters = (predict(part) for part in (points, *views))
    scores = label_free_scores(
        points, clusters, tuple(view_clusters), neighbors, num_clusters
    )
    return scores, clusters


def values_at(level: Tensor, cells: Tensor, grid: Sequence[int]) -> Tensor:
    """Values of a map at the centers of cells of a grid over the same image.

    Args:
        level: (C, h, w).
        cells: Flat indices of cells, (M,).
        grid: (height, width) of the grid; bilinear where the map has another.

    Returns:
        (M, C).
    """
    if level.shape[1:] == tuple(grid):
        return level.flatten(1)[:, cells].T
    rows, columns = cells // grid[1], cells % grid[1]
    centers = torch.stack([(columns + 0.5) / grid[1], (rows + 0.5) / grid[0]], 1)
    values = F.grid_sample(
        level[None],
        (2 * centers - 1).to(level)[None, :, None],
        padding_mode='border',
        align_corners=False,
    )
    return values[0, :, :, 0].T
