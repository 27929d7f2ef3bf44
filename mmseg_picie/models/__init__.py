"""What is trained and what predicts: segmentors, necks, heads and losses."""

from .backbones import (
    EfficientNetLite,
    ImageFilters,
    Net10a,
    PixelColors,
    check_backbone_package,
    convert_published_names,
)
from .cluster_names import cluster_meta
from .data_preprocessors import ViewsDataPreProcessor
from .decode_heads import (
    BaseClusteringHead,
    ClassifierHead,
    ClusteringHead,
    LinearHead,
    ProbeHead,
    SoftmaxHead,
    SplitClusteringHead,
    centroid_source,
    classifier_source,
    convert_first_house_keys,
    head_sources,
)
from .distinct_palette import distinct_palette
from .joined_levels import joined_levels
from .losses import (
    Clustering,
    ClusteringLoss,
    CorrespondenceLoss,
    ImagePairs,
    MutualInformationLoss,
    PairLoss,
    STEGOLoss,
    clustering_factors,
)
from .necks import LateralSumFPN, MultiLevelPCA, ProjectionNeck
from .points import split_points, to_points, valid_cells
from .segmentors import (
    IIC,
    MDC,
    PRECISIONS,
    STEGO,
    UNMATCHED,
    ClusterSegmentor,
    PairSegmentor,
    PiCIE,
    RoundSegmentor,
    TrainedSegmentor,
)

__all__ = [
    'IIC',
    'MDC',
    'PRECISIONS',
    'BaseClusteringHead',
    'ClassifierHead',
    'ClusterSegmentor',
    'Clustering',
    'ClusteringHead',
    'ClusteringLoss',
    'CorrespondenceLoss',
    'EfficientNetLite',
    'ImageFilters',
    'LateralSumFPN',
    'LinearHead',
    'MultiLevelPCA',
    'ImagePairs',
    'PairLoss',
    'PairSegmentor',
    'MutualInformationLoss',
    'Net10a',
    'PiCIE',
    'ProbeHead',
    'ProjectionNeck',
    'STEGO',
    'STEGOLoss',
    'PixelColors',
    'RoundSegmentor',
    'SoftmaxHead',
    'SplitClusteringHead',
    'TrainedSegmentor',
    'UNMATCHED',
    'ViewsDataPreProcessor',
    'centroid_source',
    'check_backbone_package',
    'classifier_source',
    'cluster_meta',
    'clustering_factors',
    'convert_first_house_keys',
    'convert_published_names',
    'distinct_palette',
    'head_sources',
    'joined_levels',
    'split_points',
    'to_points',
    'valid_cells',
]
