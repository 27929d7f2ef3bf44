"""Draws where a ViT looks: python tools/attention_maps.py CONFIG IMAGES OUT."""

import sys

from mmseg_picie.cli import attention_maps

if __name__ == '__main__':
    sys.exit(attention_maps.main())
