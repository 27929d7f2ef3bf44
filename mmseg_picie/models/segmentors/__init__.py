from .mdc import MDC
from .picie import PiCIE

__all__ = ['MDC', 'PiCIE']
