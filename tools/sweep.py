"""Trains a list of settings, each with several seeds, into one CSV; --help says how."""

import sys
from pathlib import Path

from mmseg_picie.cli import sweep

if __name__ == '__main__':
    sys.exit(sweep(Path(__file__).resolve().with_name('train.py')))
