"""What an image and its labels are, and how samples become batches."""

from . import transforms
from .base import OptionalLabelDataset
from .batching import ClusteringBatchSampler, EqualStepsBatchSampler, collate_views
from .camvid import CamVidDataset
from .cityscapes27 import Cityscapes27Dataset
from .coco_stuff import COCOStuff27Dataset
from .coco_subsets import COCOStuff3Dataset, COCOStuff15Dataset, COCOThings12Dataset
from .cutmix_dataset import CutMixDataset
from .data_configs import evaluation_pipeline, loads_labels
from .five_crops import FiveCrops
from .generated_scenes import GeneratedScenes
from .image_folder import ImageFolderDataset
from .label_folder import LabelFolder
from .label_maps import IGNORE
from .mat_files import IMAGE_KEY, read_mat
from .neighbor_dataset import NeighborDataset
from .output_names import output_names
from .potsdam import Potsdam3Dataset, Potsdam6Dataset
from .protocol import full_protocol
from .read_files import why_unreadable
from .sample_numbers import number_samples
from .scenes import generate_scenes
from .share_sampler import ShareSampler
from .wrappers import leaves, parts_of, with_leaves

__all__ = [
    'COCOStuff15Dataset',
    'COCOStuff27Dataset',
    'COCOStuff3Dataset',
    'COCOThings12Dataset',
    'CamVidDataset',
    'Cityscapes27Dataset',
    'ClusteringBatchSampler',
    'CutMixDataset',
    'EqualStepsBatchSampler',
    'FiveCrops',
    'GeneratedScenes',
    'IGNORE',
    'IMAGE_KEY',
    'ImageFolderDataset',
    'LabelFolder',
    'NeighborDataset',
    'OptionalLabelDataset',
    'Potsdam3Dataset',
    'Potsdam6Dataset',
    'ShareSampler',
    'collate_views',
    'full_protocol',
    'generate_scenes',
    'leaves',
    'loads_labels',
    'number_samples',
    'output_names',
    'parts_of',
    'why_unreadable',
    'with_leaves',
    'read_mat',
    'evaluation_pipeline',
    'transforms',
]
