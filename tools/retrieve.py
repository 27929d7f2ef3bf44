"""Draws nearest pixels: python tools/retrieve.py CONFIG CHECKPOINT --image ... ."""

import sys

from mmseg_picie.cli import retrieval

if __name__ == '__main__':
    sys.exit(retrieval.main())
