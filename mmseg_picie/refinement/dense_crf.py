"""A dense CRF over the pixels of an image, by the package pydensecrf2."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from ..errors import InputError, check_least
from .refinement import Refinement

LEAST_SHARE = 1e-5  # whose logarithm is taken
POSITIVE = ('smooth_std', 'position_std', 'color_std')


@dataclass(frozen=True)
class DenseCRF(Refinement):
    """Mean-field inference in a fully connected CRF (Kraehenbuehl and Koltun 2011).

    Each pair of pixels pays for being in different clusters: more the nearer they are
    (first kernel), and more the nearer they are in place and color (second kernel).
    Kernels and steps are by default those of STEGO's evaluation; the temperature is
    not. It runs on the CPU and takes an image of three channels at a time.

    Args:
        iterations: Mean-field steps, >= 1.
        smooth_weight: Weight of the first kernel.
        smooth_std: Its standard deviation in pixels.
        color_weight: Weight of the second kernel.
        position_std: Its standard deviation in pixels.
        color_std: The same for colors, on a scale from 0 to 255.
        temperature: As for :class:`Refinement`.

    Raises:
        InputError: If an option is out of range, or pydensecrf2 is not installed.
    """

    kind: ClassVar[str] = 'crf'

    iterations: int = 10
    smooth_weight: float = 3.0
    smooth_std: float = 1.0
    color_weight: float = 4.0
    position_std: float = 67.0
    color_std: float = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least('refine.iterations', self.iterations, 1)
        for name in POSITIVE:
            if not getattr(self, name) > 0:
                raise InputError(
                    f'refine.{name} must be > 0, got {getattr(self, name)}'
                )
        if find_spec('pydensecrf') is None:
            raise InputError(
                "refine='crf' needs pydensecrf2, which is not installed: pip install "
                "'mmseg_picie[crf]' (it is built on the way and needs a C++ compiler), "
                "or use refine='pamr' or 'guided'"
            )

    def refine(self, shares: Tensor, image: Tensor) -> None:
        """As :meth:`Refinement.refine`."""
        from pydensecrf.densecrf import DenseCRF2D  # an optional package

        if len(image) != 3:
            raise InputError(
                'refine=crf compares colors of 3 channels, the images have '
                f"{len(image)}: leave it out, or take 'pamr' or 'guided'"
            )
        num_clusters, height, width = shares.shape
        colors = (image * 255).round().clamp(0, 255).to(torch.uint8)
        colors = np.ascontiguousarray(colors.permute(1, 2, 0).cpu().numpy())
        energy = shares.clamp(min=LEAST_SHARE).log().neg().flatten(1)
        crf = DenseCRF2D(width, height, num_clusters)
        crf.setUnaryEnergy(np.ascontiguousarray(energy.float().cpu().numpy()))
        crf.addPairwiseGaussian(sxy=self.smooth_std, compat=self.smooth_weight)
        crf.addPairwiseBilateral(
            sxy=self.position_std,
            srgb=self.color_std,
            rgbim=colors,
            compat=self.color_weight,
        )
        refined = np.array(crf.inference(self.iterations), dtype=np.float32)
        shares.copy_(torch.from_numpy(refined).view_as(shares))
