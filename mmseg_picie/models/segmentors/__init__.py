"""Segmentors: what predicts clusters, what is trained in rounds, and the methods."""

from .cluster_segmentor import PRECISIONS, UNMATCHED, ClusterSegmentor
from .cutmix_scenes import CutMixScenes
from .iic import IIC
from .mdc import MDC
from .pair_segmentor import PairSegmentor
from .picie import PiCIE
from .pixel_contrast import PixelContrast
from .round_segmentor import RoundSegmentor
from .smooseg import SmooSeg
from .stego import STEGO
from .trained_segmentor import TrainedSegmentor

__all__ = [
    'IIC',
    'MDC',
    'STEGO',
    'SmooSeg',
    'PairSegmentor',
    'PRECISIONS',
    'UNMATCHED',
    'ClusterSegmentor',
    'CutMixScenes',
    'PiCIE',
    'PixelContrast',
    'RoundSegmentor',
    'TrainedSegmentor',
]
