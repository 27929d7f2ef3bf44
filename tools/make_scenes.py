"""Draws generated scenes: images and class maps, nothing downloaded."""

import sys

from mmseg_picie.cli import make_scenes

if __name__ == '__main__':
    sys.exit(make_scenes.main())
