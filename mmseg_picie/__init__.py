"""PiCIE: unsupervised semantic segmentation as a plugin for MMSegmentation."""

from . import compat  # repairs the platform on import, before mmseg.models

# isort: split
from . import clustering, datasets, engine, evaluation, models, views, visualization

__version__ = '0.1.0'

__all__ = [
    '__version__',
    'clustering',
    'compat',
    'datasets',
    'engine',
    'evaluation',
    'models',
    'views',
    'visualization',
]
