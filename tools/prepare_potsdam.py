"""Cuts the released tiles of Potsdam into patches."""

import sys

from mmseg_picie.cli import prepare_potsdam

if __name__ == '__main__':
    sys.exit(prepare_potsdam.main())
