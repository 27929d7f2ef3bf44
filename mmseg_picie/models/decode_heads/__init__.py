"""Heads that score clusters."""

from .base_clustering_head import BaseClusteringHead
from .classifier_head import ClassifierHead, classifier_source
from .clustering_head import ClusteringHead, centroid_source
from .first_house_keys import convert_first_house_keys
from .head_sources import head_sources
from .linear_head import LinearHead
from .mask_voting_head import MaskVotingHead
from .probe_head import ProbeHead
from .softmax_head import SoftmaxHead, softmax_source
from .split_clustering_head import SplitClusteringHead
from .teacher_head import TeacherHead

__all__ = [
    'BaseClusteringHead',
    'ClassifierHead',
    'ClusteringHead',
    'LinearHead',
    'MaskVotingHead',
    'ProbeHead',
    'SoftmaxHead',
    'SplitClusteringHead',
    'TeacherHead',
    'centroid_source',
    'classifier_source',
    'convert_first_house_keys',
    'head_sources',
    'softmax_source',
]
