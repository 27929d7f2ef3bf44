"""PiCIE: unsupervised semantic segmentation as a plugin for MMSegmentation."""

from . import compat  # repairs the platform on import, before mmseg.models

# isort: split
from . import (
    checkpoints,
    clustering,
    datasets,
    engine,
    evaluation,
    files,
    inference,
    models,
    scores,
    views,
    visualization,
)
from .inference import Segmenter

__version__ = '0.2.0.dev0'

__all__ = [
    'Segmenter',
    '__version__',
    'checkpoints',
    'clustering',
    'compat',
    'datasets',
    'engine',
    'evaluation',
    'files',
    'inference',
    'models',
    'scores',
    'views',
    'visualization',
]
