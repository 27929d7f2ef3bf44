"""What a round does: passes over images, clusterings, BatchNorm, label-free scores."""

from .clustering_passes import image_points
from .image_warnings import few_images, fitting_size, short_side, warn_of_images
from .label_free_sample import LabelFreeSample, score_sample
from .pass_progress import PassProgress
from .passes import ImagePass, evaluation_transforms, images_by_shape
from .run_parts import find_hook, unwrap
from .run_words import shown
from .stream_clusterer import ClusteringSettings, StreamClusterer

__all__ = [
    'ClusteringSettings',
    'ImagePass',
    'LabelFreeSample',
    'PassProgress',
    'StreamClusterer',
    'evaluation_transforms',
    'few_images',
    'find_hook',
    'fitting_size',
    'image_points',
    'images_by_shape',
    'score_sample',
    'short_side',
    'shown',
    'unwrap',
    'warn_of_images',
]
