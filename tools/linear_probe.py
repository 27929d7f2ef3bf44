"""Scores an embedding: python tools/linear_probe.py CONFIG CHECKPOINT [...]."""

import sys

from mmseg_picie.cli import linear_probe

if __name__ == '__main__':
    sys.exit(linear_probe.main())
