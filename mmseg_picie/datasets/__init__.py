"""What an image and its labels are, and how samples become batches."""

from . import transforms
from .base import OptionalLabelDataset
from .batching import ClusteringBatchSampler, EqualStepsBatchSampler, collate_views
from .camvid import CamVidDataset
from .cityscapes27 import Cityscapes27Dataset
from .coco_stuff import COCOStuff27
from .coco_subsets import COCOStuff3, COCOStuff15, COCOThings12
from .data_configs import evaluation_pipeline, leaf_configs, loads_labels
from .generated_scenes import GeneratedScenes
from .image_folder import ImageFolderDataset
from .label_maps import IGNORE
from .mat_files import IMAGE_KEY, read_mat
from .output_names import leaves, output_names
from .potsdam import Potsdam3, Potsdam6
from .protocol import full_protocol
from .sample_numbers import number_samples
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
    'IGNORE',
    'IMAGE_KEY',
    'ImageFolderDataset',
    'OptionalLabelDataset',
    'Potsdam3',
    'Potsdam6',
    'ShareSampler',
    'collate_views',
    'full_protocol',
    'generate_scenes',
    'leaf_configs',
    'leaves',
    'loads_labels',
    'number_samples',
    'output_names',
    'read_mat',
    'evaluation_pipeline',
    'transforms',
]
