"""Data sets, their transforms and how samples become batches."""

from . import transforms
from .base import UnlabelledDataset
from .batching import ClusteringBatchSampler, EqualStepsBatchSampler, collate_views
from .camvid import CamVidDataset
from .cityscapes27 import Cityscapes27Dataset
from .coco_stuff import COCOStuff27
from .generated_scenes import GeneratedScenes
from .image_folder import ImageFolderDataset
from .scenes import generate_scenes

__all__ = [
    'COCOStuff27',
    'CamVidDataset',
    'Cityscapes27Dataset',
    'ClusteringBatchSampler',
    'EqualStepsBatchSampler',
    'GeneratedScenes',
    'ImageFolderDataset',
    'UnlabelledDataset',
    'collate_views',
    'generate_scenes',
    'transforms',
]
