"""Draws nearest pixels: python tools/retrieve.py CONFIG CHECKPOINT --image ... ."""

import sys

from mmseg_picie.cli import retrieve

if __name__ == '__main__':
    sys.exit(retrieve.main())
