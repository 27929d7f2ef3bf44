"""Tests a segmentor: python tools/test.py CONFIG CHECKPOINT [...]."""

import sys

from mmseg_picie.cli import test

if __name__ == '__main__':
    sys.exit(test.main())
