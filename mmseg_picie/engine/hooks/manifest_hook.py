"""ManifestHook: what a work directory was made from."""

import importlib
import json
import platform
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...datasets import full_protocol, parts_of
from ...errors import InputError
from ...files import write_json
from ..rounds.image_list import images_sha256
from ..rounds.run_parts import unwrap

# By module attribute: the fork's distributions have other names.
PACKAGES = ('mmseg_picie', 'torch', 'mmengine', 'mmcv', 'mmseg', 'numpy', 'cv2')
OPTIONAL_PACKAGES = ('faiss',)
SPLITS = ('train', 'val', 'test')


@HOOKS.register_module()
class ManifestHook(Hook):
    """Records what a run was made from and what its evaluations found.

    Versions, seed, device and data sets go to the work directory. Metrics of this
    package write their figures there as well.

    Only loops that the run has built are described; no data set is loaded for it. A run
    that goes on keeps what its file said before, latest last, in ``earlier``.

    Args:
        filename: Name of the JSON file in the work directory. A test writes it beside
            its log: the work directory may be a training's.
    """

    priority = 'VERY_LOW'

    def __init__(self, filename: str = 'manifest.json') -> None:
        if Path(filename).name != filename or not filename.endswith('.json'):
            raise InputError(
                'ManifestHook.filename must be the name of a .json file without a '
                f'folder, got {filename!r}'
            )
        self.filename = filename

    def before_run(self, runner: Runner) -> None:
        """Writes the file; loops are built by now, nothing has run."""
        if not self._goes_on(runner):
            self._write(runner, {})

    def before_train(self, runner: Runner) -> None:
        """Writes it where a run goes on, now that its checkpoint was accepted."""
        if not self._goes_on(runner):
            return
        manifest = dict(after_round=runner.epoch, after_step=runner.iter)
        path = Path(runner.work_dir) / self.filename
        if path.is_file():
            try:
                before = json.loads(path.read_text(encoding='utf-8'))
                earlier = before.pop('earlier', [])
            except (ValueError, AttributeError):
                runner.logger.warning(f'{path} cannot be read, and is written anew')
            else:
                manifest['earlier'] = [*earlier, before]
        self._write(runner, manifest)

    def _goes_on(self, runner: Runner) -> bool:
        training = getattr(runner, '_train_loop', None)
        return hasattr(training, 'dataloader') and getattr(runner, '_resume', False)

    @master_only
    def _write(self, runner: Runner, manifest: dict[str, Any]) -> None:
        # The Runner's public properties would build loops that this run does not use.
        loops = {split: getattr(runner, f'_{split}_loop', None) for split in SPLITS}
        built = {k: v for k, v in loops.items() if hasattr(v, 'dataloader')}
        found = {
            'versions': versions(),
            'config': Path(runner.cfg.filename).name if runner.cfg.filename else None,
            'seed': runner.seed,
            'deterministic': runner.deterministic,
            'device': device_name(),
            'world_size': runner.world_size,
            'refinement': refinement(unwrap(runner.model)),
            'datasets': {
                split: describe_dataset(loop.dataloader.dataset)
                for split, loop in built.items()
            },
            'protocols': {
                split: protocols(loop.evaluator.metrics, loop.dataloader.dataset)
                for split, loop in built.items()
                if hasattr(loop, 'evaluator')
            },
        }
        only_test = list(built) == ['test']
        folder = runner.log_dir if only_test else runner.work_dir
        write_json(Path(folder) / self.filename, {**found, **manifest})

    def before_val(self, runner: Runner) -> None:
        """Validation leaves its figures in the work directory."""
        keep_figures(runner.val_loop.evaluator.metrics, runner.work_dir)

    def before_test(self, runner: Runner) -> None:
        """A test leaves them beside its log: the work directory may be a training's."""
        keep_figures(runner.test_loop.evaluator.metrics, runner.log_dir)


def keep_figures(metrics: list, folder: str) -> None:
    """Tells our metrics that were not told where to write their figures."""
    for metric in metrics:
        if getattr(metric, 'figures_dir', '') is None:
            metric.figures_dir = folder


def refinement(model: Any) -> str | None:
    """How masks are refined by their image, in words."""
    found = getattr(model, 'refinement', None)
    return None if found is None else str(found)


def versions() -> dict[str, str]:
    """Version of Python and of each package that shapes the result."""
    found = {'python': platform.python_version()}
    for name in PACKAGES:
        found[name] = importlib.import_module(name).__version__
    for name in OPTIONAL_PACKAGES:
        try:
            found[name] = importlib.import_module(name).__version__
        except ImportError:
            continue
    return found


def device_name() -> str:
    """The GPU's name, or the processor's."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f'cpu ({platform.processor() or platform.machine()})'


def describe_dataset(dataset: Any) -> dict[str, Any]:
    """Type, root, count and hash of a data set; of a wrapper, those of its parts.

    Args:
        dataset: A data set or a wrapper with ``dataset`` or ``datasets``.

    Returns:
        ``images_sha256`` is over the ordered image paths relative to the root, one
        per line, so that it is the same on another machine.
    """
    entry: dict[str, Any] = {'type': type(dataset).__name__, 'num_images': len(dataset)}
    parts = parts_of(dataset)
    if parts is not None:
        entry['parts'] = [describe_dataset(part) for part in parts]
        return entry
    root = getattr(dataset, 'data_root', None)
    entry['data_root'] = None if root is None else str(root)
    entry['ann_file'] = getattr(dataset, 'ann_file', None) or None
    if hasattr(dataset, 'get_data_info'):
        entry['images_sha256'] = images_sha256(dataset)
    return entry


def protocols(metrics: list, dataset: Any) -> list[str]:
    """Each metric's name and, where it states one, its protocol on a data set."""
    found = []
    for metric in metrics:
        text = getattr(metric, 'protocol', None)
        name = type(metric).__name__
        if text:
            text = full_protocol(text, getattr(dataset, 'metainfo', None))
        found.append(f'{name}: {text}' if text else name)
    return found
