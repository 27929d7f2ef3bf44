"""Weights that ``transformers`` loads: checkpoint='transformers://FOLDER_OR_NAME'."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.runner import CheckpointLoader

from ..errors import InputError
from ..models import WEIGHTS_PREFIX, check_backbone_package, first_line


# mmengine logs the loader's name from its 11th character on.
@CheckpointLoader.register_scheme(prefixes=WEIGHTS_PREFIX, force=True)
def load_from_transformers(
    filename: str, map_location: str | torch.device | None = None, **_: Any
) -> dict[str, Any]:
    """mmengine's way to weights, for names that begin with ``transformers://``.

    No code of the folder or of the hub's repository runs.

    Args:
        filename: With a local folder, or a name of the hub, which is fetched once.
        map_location: As in ``torch.load``.

    Returns:
        ``state_dict`` by the names of ``TransformersBackbone``.

    Raises:
        InputError: If the package is not installed, or there is no such model.
    """
    check_backbone_package(dict(type='TransformersBackbone'))
    name = filename.removeprefix(WEIGHTS_PREFIX)
    from transformers import AutoModel

    try:
        with _quiet():
            vit = AutoModel.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise InputError(
            f'{filename} is no folder with a model of transformers and no name that '
            f'the hub gives: {first_line(error)}'
        ) from error
    state = {f'vit.{key}': value for key, value in vit.state_dict().items()}
    if map_location is not None:
        state = {key: value.to(map_location) for key, value in state.items()}
    return dict(state_dict=state)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the library's bars and notes on heads that are left out."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
