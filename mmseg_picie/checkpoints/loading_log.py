"""The path of a checkpoint that a runner loads goes to its log; mmengine prints it."""

import functools
from typing import Any

from mmengine.runner import CheckpointLoader


def log_loading() -> None:
    """Gives what is loaded without a logger that of the run.

    It is safe to call this again.
    """
    load = CheckpointLoader.load_checkpoint.__func__
    if getattr(load, 'logs_loading', False):
        return

    @functools.wraps(load)
    def logged(
        cls: type, filename: str, map_location: Any = None, logger: Any = 'current'
    ) -> Any:
        return load(cls, filename, map_location, logger or 'current')

    logged.logs_loading = True
    CheckpointLoader.load_checkpoint = classmethod(logged)


log_loading()
