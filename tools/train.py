"""Trains a segmentor: python tools/train.py CONFIG [--data-root DIR ...]."""

import sys

from mmseg_picie.cli import train

if __name__ == '__main__':
    sys.exit(train.main())
