"""Converts the authors' checkpoint: FILE OUT.pth."""

import sys

from mmseg_picie.cli import convert_reference_checkpoint

if __name__ == '__main__':
    sys.exit(convert_reference_checkpoint.main())
