"""Trains a segmentor: python tools/train.py CONFIG [--data-root DIR ...]."""

import sys

from mmseg_picie import cli

if __name__ == '__main__':
    sys.exit(cli.train())
