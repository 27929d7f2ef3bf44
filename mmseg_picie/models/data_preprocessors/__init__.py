"""To the device, normalized: pairs of views and test images."""

from .views_data_preprocessor import ViewsDataPreProcessor

__all__ = ['ViewsDataPreProcessor']
