from .views_data_preprocessor import ViewsDataPreProcessor

__all__ = ['ViewsDataPreProcessor']
