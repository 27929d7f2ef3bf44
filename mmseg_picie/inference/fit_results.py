"""What a fit leaves for a person to look at."""

import shutil
from pathlib import Path

from ..mask_files import make_contact_sheet
from .cluster_cards import ClusterCards
from .fit_plan import FitPlan, evenly
from .fit_runs import Say
from .input_images import InputImage
from .prediction import RECORD, Prediction, write_masks
from .segmenter import Segmenter

SHOWN = 500  # images at most that masks and overlays are written of
ON_THE_SHEET = 12
