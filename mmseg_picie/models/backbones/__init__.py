from .pixel_colours import PixelColours

__all__ = ['PixelColours']
