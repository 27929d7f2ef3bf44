"""What is trained and what predicts: segmentors, necks, heads and losses."""

from .backbones import (
    WEIGHTS_PREFIX,
    DenseSIFT,
    EfficientNetLite,
    ImageFilters,
    Net10a,
    PixelColors,
    TransformersBackbone,
    check_backbone_package,
    convert_published_names,
    first_line,
)
from .cluster_names import cluster_meta
from .data_preprocessors import ViewsDataPreProcessor
from .decode_heads import (
    BaseClusteringHead,
    ClassifierHead,
    ClusteringHead,
    LinearHead,
    MaskVotingHead,
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
<<<<<<< HEAD
    MutualInformationLoss,
=======
    ImagePairs,
    PairLoss,
    STEGOLoss,
>>>>>>> main
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
<<<<<<< HEAD
    'IIC',
    'MDC',
    'PRECISIONS',
=======
>>>>>>> main
    'BaseClusteringHead',
    'ClassifierHead',
    'ClusterSegmentor',
    'Clustering',
    'ClusteringHead',
    'ClusteringLoss',
    'CorrespondenceLoss',
    'DenseSIFT',
    'EfficientNetLite',
<<<<<<< HEAD
    'ImageFilters',
=======
    'ImagePairs',
>>>>>>> main
    'LateralSumFPN',
    'LinearHead',
    'MDC',
    'MaskVotingHead',
    'MultiLevelPCA',
<<<<<<< HEAD
    'MutualInformationLoss',
    'Net10a',
=======
    'PRECISIONS',
    'PairLoss',
    'PairSegmentor',
>>>>>>> main
    'PiCIE',
    'PixelColors',
    'ProbeHead',
    'ProjectionNeck',
    'RoundSegmentor',
    'STEGO',
    'STEGOLoss',
    'SoftmaxHead',
    'SplitClusteringHead',
    'TrainedSegmentor',
    'TransformersBackbone',
    'UNMATCHED',
    'ViewsDataPreProcessor',
    'WEIGHTS_PREFIX',
    'centroid_source',
    'check_backbone_package',
    'classifier_source',
    'cluster_meta',
    'clustering_factors',
    'convert_first_house_keys',
    'convert_published_names',
    'distinct_palette',
    'first_line',
    'head_sources',
    'joined_levels',
    'split_points',
    'to_points',
    'valid_cells',
]
