"""Segmentors: what predicts clusters, what is trained in rounds, and the methods."""

from .cluster_segmentor import PRECISIONS, UNMATCHED, ClusterSegmentor
from .iic import IIC
from .mdc import MDC
from .pair_segmentor import PairSegmentor
from .picie import PiCIE
from .pixel_contrast import PixelContrast
from .round_segmentor import RoundSegmentor
from .stego import STEGO
from .trained_segmentor import TrainedSegmentor

__all__ = [
    'IIC',
    'MDC',
    'STEGO',
    'PairSegmentor',
    'PRECISIONS',
    'UNMATCHED',
    'ClusterSegmentor',
    'PiCIE',
    'PixelContrast',
    'RoundSegmentor',
    'TrainedSegmentor',
]
