"""The search for the pixels that are nearest to one."""

from torch import Tensor

from ..clustering import NearestPoints
from ..engine import ImagePass
from ..models import to_points, valid_cells
from .embedding_network import Embedded
from .retrieval_images import RetrievalImages, same_file


def points_of(embedded: Embedded) -> tuple[Tensor, Tensor]:
    """Points of an image, (h w, D), and which of them count, (h w,) bool."""
    embedding = embedded.embedding[None]
    ignore = None if embedded.ignore is None else embedded.ignore[None]
    return to_points(embedding), valid_cells(ignore, embedding)


def search(
    images: RetrievalImages, query: str, nearest: NearestPoints, batch_size: int
) -> None:
    """Shows all images but the query's to ``nearest``, batch by batch.

    Args:
        images: Where to search.
        query: Path of the image to pass over.
        nearest: Changed in place.
        batch_size: Images per step.
    """
    dataset = images.dataset
    steps = ImagePass(
        dataset, batch_size, images.num_workers, list, 'searching', share=1.0
    )
    for indices, samples in steps.run((0, 0)):
        for found in images.network.embed(samples):
            index = indices[found.position]
            if not same_file(dataset.get_data_info(index)['img_path'], query):
                nearest.add(index, *points_of(found))
