"""Data sets, their transforms and how samples become batches."""

from . import transforms
from .base import OptionalLabelDataset
from .batching import ClusteringBatchSampler, EqualStepsBatchSampler, collate_views
from .camvid import CamVidDataset
from .cityscapes27 import Cityscapes27Dataset
from .coco_stuff import COCOStuff27
from .coco_subsets import COCOStuff3, COCOStuff15, COCOThings12
from .generated_scenes import GeneratedScenes
from .image_folder import ImageFolderDataset
from .potsdam import Potsdam3, Potsdam6
from .scenes import generate_scenes
from .share_sampler import ShareSampler

__all__ = [
    'COCOStuff15',
    'COCOStuff27',
    'COCOStuff3',
    'COCOThings12',
    'CamVidDataset',
    'Cityscapes27Dataset',
    'ClusteringBatchSampler',
    'EqualStepsBatchSampler',
    'GeneratedScenes',
    'ImageFolderDataset',
    'Potsdam3',
    'Potsdam6',
    'ShareSampler',
    'OptionalLabelDataset',
    'collate_views',
    'generate_scenes',
    'transforms',
]
