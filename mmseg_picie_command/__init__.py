"""mmseg-picie: what to type, before anything heavy is imported.

This package lies beside the other, since importing that imports torch and
MMSegmentation, which takes seconds; ``--help`` answers at once. A command imports what
it needs when it runs.
"""

from .commands import CONVERTED
from .frame import main

__all__ = ['CONVERTED', 'main']
