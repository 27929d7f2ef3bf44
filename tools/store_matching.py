"""Names the clusters of a checkpoint: CHECKPOINT MATCHING.json OUT.pth."""

import sys

from mmseg_picie.cli import store_matching

if __name__ == '__main__':
    sys.exit(store_matching.main())
