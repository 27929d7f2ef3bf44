"""Segmenter: from a folder of images to named masks, as one Python object."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ..checkpoints import (
    ClusterName,
    Names,
    check_out,
    find_checkpoint,
    name_checkpoint,
    read_names,
    read_run_checkpoint,
    weights_hash,
)
from ..datasets import LabelFolder
from ..refinement import Refinement
from .fit_plan import make_plan
from .fitting import fit
from .predictor import Predictor
from .refining import PARTS, refine
from .teaching import save_taught, teach


class Segmenter(Predictor):
    """Finds clusters in images, takes names for them and gives masks.

    Examples, with a folder of images::

        seg = Segmenter.fit('images/', clusters=100)
        seg.name({3: 'nucleus', 1: 'cytoplasm', 4: 'cytoplasm', 7: None})
        seg.save('named.pth')
        mask = Segmenter.load('named.pth').predict('new.jpg')

    Args:
        checkpoint: A checkpoint, or the folder of a run.
        device: As for :class:`Predictor`.
        predict_as: As for :class:`Predictor`.
        refine: As for :class:`Predictor`.
    """

    def __init__(
        self,
        checkpoint: str | Path,
        device: str | None = None,
        predict_as: str | None = None,
        refine: str | Mapping | Refinement | None = None,
    ) -> None:
        found = find_checkpoint(Path(checkpoint))
        super().__init__(found, device, predict_as, refine)
        self._names: Names | None = None

    @classmethod
    def load(cls, checkpoint: str | Path, device: str | None = None) -> 'Segmenter':
        """As the constructor; reads as what it does."""
        return cls(checkpoint, device)

    @classmethod
    def fit(cls, images: str | Path, say=print, device=None, **options) -> 'Segmenter':
        """Clusters a folder of images, as ``mmseg-picie fit`` does.

        Args:
            images: Folder.
            say: Takes lines about what happens; print by default.
            device: What the result predicts on.
            **options: As for :func:`~mmseg_picie.inference.make_plan`: clusters,
                minutes, size, out, seed, any_rotation.

        Raises:
            MissingFileError: If the folder does not exist.
            InputError: If an option is out of range.
        """
        return cls(fit(make_plan(images, **options), say), device)

    def name(self, names: Mapping[int, str | None]) -> 'Segmenter':
        """Gives clusters names; those of one name are merged.

        Args:
            names: Name of each cluster id, None to ignore it. Clusters that are not
                mentioned become classes of their own, such as ``cluster_17``.

        Returns:
            This object.

        Raises:
            InputError: If an id does not exist or a name cannot be one.
        """
        entries = tuple(
            ClusterName(cluster, called) for cluster, called in names.items()
        )
        return self._take(Names(entries, self._digest()))

    def _digest(self) -> str:
        loaded = read_run_checkpoint(str(self.checkpoint))
        return weights_hash(loaded['state_dict'])

    def _take(self, names: Names) -> 'Segmenter':
        whole = names.complete(self.num_clusters)
        self._names = names
        head = self.model.decode_head
        ids = whole.cluster_to_class(self.num_clusters)
        head.cluster_to_class.copy_(torch.tensor(ids))
        self.model.predict_as = 'classes'
        self.model.dataset_meta = dict(classes=whole.classes, palette=whole.palette)
        self._settle_ids()
        return self

    def refine(
        self,
        clusters: Sequence[int],
        out: str | Path,
        parts: int = PARTS,
        images: str | Path | None = None,
        seed: int = 0,
        say=print,
    ) -> 'Segmenter':
        """Divides clusters that mix two things, as ``mmseg-picie refine`` does.

        Args:
            clusters: Ids of clusters without a name.
            out: New folder of the results.
            parts: Of each of these clusters, >= 2.
            images: Folder of the images; None for those of the run.
            seed: Of all draws.
            say: Takes lines about what happens; print by default.

        Returns:
            A segmenter of more clusters, those that are not divided with the ids and
            names that :meth:`name` gave them here.

        Raises:
            MissingFileError: If the images do not exist.
            InputError: If a cluster cannot be divided, or ``out`` is not empty.
        """
        names = self._names or Names((), self._digest())
        names = replace(names, split=tuple(clusters))
        images = Path(self.cfg.data_root if images is None else images)
        found = refine(self, names, images, Path(out), say, parts, seed)
        refined = Segmenter(found.model, str(self.device))
        return refined._take(read_names(found.names)) if self._names else refined

    def teach(
        self,
        labels: str | Path,
        out: str | Path,
        images: str | Path | None = None,
        **options: Any,
    ) -> 'Segmenter':
        """Learns classes from a few labeled images, as ``mmseg-picie teach`` does.

        Args:
            labels: Folder of labels, 255 where nothing is said.
            out: Checkpoint to write.
            images: Folder of their images; None for those of the run.
            **options: ``table`` or ``classes``, as for
                :class:`~mmseg_picie.datasets.LabelFolder`.

        Returns:
            A segmenter of the classes.

        Raises:
            MissingFileError: If a folder does not exist.
            InputError: If the labels cannot be meant.
        """
        images = self.cfg.data_root if images is None else images
        found = LabelFolder(images, labels, **options)
        probe = teach(self, found)
        save_taught(self.checkpoint, probe, found.classes, found.palette, Path(out))
        return Segmenter(out, str(self.device))

    def save(self, out: str | Path) -> None:
        """Writes a checkpoint that predicts as this object does.

        Raises:
            InputError: If ``out`` is the checkpoint that was loaded.
        """
        if self._names is not None:
            name_checkpoint(self.checkpoint, self._names, Path(out))
            return
        check_out(self.checkpoint, Path(out))
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.checkpoint, out)
