"""Label-free scores against mIoU over runs: python tools/correlate_scores.py CSV ..."""

import sys

from mmseg_picie.cli import correlate_scores

if __name__ == '__main__':
    sys.exit(correlate_scores())
