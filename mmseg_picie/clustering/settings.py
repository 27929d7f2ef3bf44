"""How k-means runs: one object that every user of k-means passes on whole."""

from dataclasses import dataclass
from importlib.util import find_spec

from ..errors import InputError, check_choice, check_least

INITS = ('k-means++', 'random')
BACKENDS = ('torch', 'faiss')


@dataclass(frozen=True)
class KMeansSettings:
    """How k-means runs on points in memory; the words are scikit-learn's.

    Attributes:
        iterations: Lloyd iterations at most, >= 1.
        init: How initial centroids are drawn: 'k-means++' (default; greedy, as
            scikit-learn's, so empty or doubled clusters are rarer) or 'random' (K of
            the points; released).
        num_inits: How often k-means runs from other initial centroids, >= 1. The
            result of the lowest inertia is kept.
        spherical: Whether centroids are brought to unit length in each iteration.
        backend: Who runs the Lloyd iterations: 'torch' (default) or 'faiss'. faiss
            runs on the CPU and has its own way with empty clusters.

    Raises:
        InputError: If a value is unknown or out of range, or faiss is not installed.

    Examples:
        >>> KMeansSettings(num_inits=5).init
        'k-means++'
    """

    iterations: int = 20
    init: str = 'k-means++'
    num_inits: int = 1
    spherical: bool = False
    backend: str = 'torch'

    def __post_init__(self) -> None:
        for name in ('iterations', 'num_inits'):
            check_least(name, getattr(self, name), 1)
        for name, allowed in dict(init=INITS, backend=BACKENDS).items():
            check_choice(name, getattr(self, name), allowed)
        if self.backend == 'faiss' and find_spec('faiss') is None:
            raise InputError(
                "backend='faiss' needs faiss, which is not installed: pip install "
                "faiss-cpu, or use backend='torch'"
            )
