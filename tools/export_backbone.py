"""Writes the backbone of a checkpoint for any mmseg config: CHECKPOINT OUT.pth."""

import sys

from mmseg_picie.cli import export_backbone

if __name__ == '__main__':
    sys.exit(export_backbone.main())
