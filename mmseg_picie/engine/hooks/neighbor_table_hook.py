"""NeighborTableHook: when the nearest images of a training set are found."""

from pathlib import Path

from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from torch import Tensor

from ...datasets import NeighborDataset
from ...errors import InputError, check_least
from ..rounds.neighbor_table import (
    compute_table,
    read_table,
    table_key,
    write_table,
)
from ..rounds.passes import pass_size
from ..rounds.run_parts import unwrap

FILE = 'neighbors.pth'
WORDS = dict(
    images='the images have changed',
    network='the weights of the backbone are others',
    views='images are seen in another way',
    neighbors='the number of neighbors is another',
)


@HOOKS.register_module()
class NeighborTableHook(Hook):
    """Gives ``NeighborDataset`` the nearest images of each, before the first round.

    Images are near by the cosine of their mean features of the pretrained backbone,
    which is not trained (STEGO, Hamilton et al., ICLR 2022, section 3.2). The table
    follows from the images and the backbone alone, so a resumed run has the same one.
    It is kept in a file with what it follows from; where an image, the backbone or the
    views are others than then, it is made anew and the log says why.

    Args:
        num_neighbors: Nearest images k of each that are drawn from; STEGO: 7. A
            smaller data set gives all others.
        file: Where the table is kept; by default ``neighbors.pth`` in the work
            directory. Runs on the same images and backbone may share one.
        batch_size: Images per step and process; by default that of training.
        num_workers: Loader workers; by default those of training.

    Raises:
        InputError: If a number is out of range.
    """

    # Below CalibrateBatchNormHook, whose statistics the features depend on.
    priority = 'NORMAL'

    def __init__(
        self,
        num_neighbors: int = 7,
        file: str | None = None,
        batch_size: int | None = None,
        num_workers: int | None = None,
    ) -> None:
        check_least('NeighborTableHook.num_neighbors', num_neighbors, 1)
        check_least('NeighborTableHook.batch_size', batch_size, 1)
        check_least('NeighborTableHook.num_workers', num_workers, 0)
        self.num_neighbors = num_neighbors
        self.file = file
        self.batch_size = batch_size
        self.num_workers = num_workers

    def before_train(self, runner: Runner) -> None:
        """Reads the table, or makes and writes it.

        Raises:
            InputError: If the data set is no ``NeighborDataset`` or has one image, the
                backbone is trained, or the file is no neighbor table.
        """
        dataset, count = self._checked(runner)
        found = [None, None, None]
        if is_main_process():
            try:
                found = [*self._read(runner, dataset, count), None]
            except (InputError, OSError) as error:  # others would wait for ever
                found = [None, None, error]
        broadcast_object_list(found)  # others may have another disk
        table, key, problem = found
        if problem is not None:
            raise problem
        if table is None:
            loader = runner.train_dataloader
            size = pass_size(loader, self.batch_size, self.num_workers)
            table = compute_table(runner, dataset.dataset, count, *size)
            if is_main_process():
                write_table(self._path(runner), key, table)
        dataset.set_table(table)

    def _read(
        self, runner: Runner, dataset: NeighborDataset, count: int
    ) -> list[Tensor | dict | None]:
        path = self._path(runner)
        key = table_key(unwrap(runner.model), dataset.dataset, count)
        table, differ = read_table(path, key)
        if differ:
            reasons = ' and '.join(WORDS[name] for name in differ)
            runner.logger.warning(
                f'NeighborTableHook: {path} is made anew, because {reasons}'
            )
        return [table, key]

    def _path(self, runner: Runner) -> Path:
        return Path(self.file or Path(runner.work_dir) / FILE)

    def _checked(self, runner: Runner) -> tuple[NeighborDataset, int]:
        dataset = runner.train_dataloader.dataset
        if not isinstance(dataset, NeighborDataset):
            raise InputError(
                'NeighborTableHook finds the neighbors of a NeighborDataset, and '
                f'train_dataloader.dataset is {type(dataset).__name__}: wrap it in '
                "dict(type='NeighborDataset', dataset=...), or leave the hook out"
            )
        if len(dataset) < 2:
            raise InputError(
                'NeighborTableHook needs two training images or more, got '
                f'{len(dataset)}'
            )
        if any(p.requires_grad for p in unwrap(runner.model).backbone.parameters()):
            raise InputError(
                'NeighborTableHook takes the features of a backbone that is not '
                'trained, and the weights of this one are: a resumed run would find '
                'other neighbors. Use model.type=STEGO or SmooSeg, which keep it, or '
                'leave NeighborDataset and the hook out'
            )
        return dataset, min(self.num_neighbors, len(dataset) - 1)
