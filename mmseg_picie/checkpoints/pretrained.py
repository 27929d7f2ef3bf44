"""Weights that do not belong to a network are refused; mmengine would skip them."""

from typing import Any

from mmengine.model import PretrainedInit
from mmengine.runner import CheckpointLoader
from mmseg.registry import WEIGHT_INITIALIZERS
from torch import nn

from ..errors import InputError

RUN_PARTS = ('state_dict', 'meta', 'message_hub')
BACKBONE_REMEDY = (
    'Use --cfg-options model.backbone.init_cfg.checkpoint=FILE, or train from scratch '
    'with --cfg-options model.backbone.init_cfg=None'
)


@WEIGHT_INITIALIZERS.register_module(name='Pretrained')
class CheckedPretrainedInit(PretrainedInit):
    """mmengine's ``init_cfg=dict(type='Pretrained')`` for weights that fit.

    mmengine loads what fits and logs the rest, so that a file of another architecture
    means random weights.

    Raises:
        InputError: If fewer than half of the module's weights are in the file.
        MissingFileError: If the file does not exist.
        ConnectionError: If it cannot be fetched.
    """

    def __call__(self, module: nn.Module) -> None:
        """Loads the weights into a module."""
        try:
            loaded = CheckpointLoader.load_checkpoint(
                self.checkpoint, self.map_location, logger='silent'
            )
        except (FileNotFoundError, ConnectionError) as error:
            raise type(error)(f'{error} {BACKBONE_REMEDY}.') from error
        state = loaded.get('state_dict', loaded)
        if self.prefix is None:
            check_matches(module, state, self.checkpoint, remedy_for(module, state))
        else:
            state = strip_prefix(state, self.prefix)
            source = f'{self.checkpoint} (prefix={self.prefix!r})'
            check_matches(module, state, source, BACKBONE_REMEDY)
        super().__call__(module)


def strip_prefix(state: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The weights below a prefix, named without it."""
    prefix = prefix.rstrip('.') + '.'
    return {k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)}


def count_matches(module: nn.Module, state: dict[str, Any]) -> tuple[int, int]:
    """Weights of a module that a file has by name and shape, and all of them.

    BatchNorm's counters are left out: old files have none.
    """
    theirs = {
        name.removeprefix('module.'): getattr(value, 'shape', None)
        for name, value in state.items()
    }
    ours = {
        name: value.shape
        for name, value in module.state_dict().items()
        if not name.endswith('num_batches_tracked')
    }
    found = sum(theirs.get(name) == shape for name, shape in ours.items())
    return found, len(ours)


def fits(found: int, total: int) -> bool:
    """Whether a file of so many matches is of the module's architecture."""
    return 2 * found >= total


def remedy_for(module: nn.Module, state: dict[str, Any]) -> str:
    """What to do where weights do not fit: the prefix, if it is that."""
    if fits(*count_matches(module, strip_prefix(state, 'backbone'))):
        return 'Use --cfg-options model.backbone.init_cfg.prefix=backbone'
    return BACKBONE_REMEDY


def check_matches(
    module: nn.Module, state: dict[str, Any], source: str, remedy: str
) -> None:
    """Refuses weights of another architecture.

    Args:
        module: What they are for.
        state: Names and tensors of the file.
        source: The file, for the message.
        remedy: What to do instead, likewise.

    Raises:
        InputError: If fewer than half of the module's weights are among them.
    """
    found, total = count_matches(module, state)
    if not fits(found, total):
        names = ', '.join(list(state)[:3]) or 'none'
        raise InputError(
            f'{source} has {found} of the {total} weights of {type(module).__name__} '
            'by name and shape, so it is of another architecture (its names begin '
            f'with: {names}). {remedy}.'
        )


def read_run_checkpoint(name: str, resume: bool = False) -> dict[str, Any]:
    """Loads a checkpoint that a run wrote.

    Args:
        name: File or address.
        resume: Whether the run is to go on from it.

    Raises:
        InputError: If it is something else, such as the weights of a backbone.
    """
    loaded = CheckpointLoader.load_checkpoint(name, 'cpu', logger='silent')
    needed = RUN_PARTS if resume else RUN_PARTS[:1]
    parts = loaded if isinstance(loaded, dict) else {}
    missing = [part for part in needed if not isinstance(parts.get(part), dict)]
    if missing:
        raise InputError(
            f'{name} is no checkpoint of a training run (it has no '
            f'{", ".join(missing)}): name an epoch_N.pth of a work directory. Weights '
            'of a backbone go into '
            f'--cfg-options model.backbone.init_cfg.checkpoint={name}'
        )
    return loaded
