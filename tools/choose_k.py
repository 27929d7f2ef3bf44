"""Scores numbers of clusters without labels: CONFIG [CHECKPOINT] --clusters K ..."""

import sys

from mmseg_picie.cli import choose_k

if __name__ == '__main__':
    sys.exit(choose_k.main())
