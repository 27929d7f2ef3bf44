"""Makes the layout of COCO-Stuff-27, -15 and -3 from its archives."""

import sys

from mmseg_picie.cli import prepare_coco_stuff27

if __name__ == '__main__':
    sys.exit(prepare_coco_stuff27.main())
