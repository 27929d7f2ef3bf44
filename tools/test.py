"""Evaluates a checkpoint: python tools/test.py CONFIG CHECKPOINT [...]."""

import sys

from mmseg_picie import cli

if __name__ == '__main__':
    sys.exit(cli.test())
