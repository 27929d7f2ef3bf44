"""Notes of the platform that come with every run and say nothing about it."""

import logging
import warnings

# Beginnings of messages, as mmengine and mmseg write them.
NOTES = (
    '"FileClient" will be deprecated',
    '"HardDiskBackend" is the alias',
    'The prefix is not set in metric class',
    '`save_param_scheduler` is True but',
)
# A checkpoint names clusters, a data set classes: mmengine sees a wrong checkpoint.
OTHER_NAMES = 'The dataset metainfo from the resumed checkpoint is different'


def silence_warnings() -> None:
    """Hides mmseg's note that pictures are off, which is the default."""
    warnings.filterwarnings('ignore', 'The draw is False')


def silence_notes(logger: logging.Logger, names_clusters: bool) -> None:
    """Keeps the notes out of a logger.

    Args:
        logger: That of the run.
        names_clusters: Whether the run's checkpoints name clusters.
    """
    notes = (*NOTES, OTHER_NAMES) if names_clusters else NOTES
    logger.addFilter(lambda record: not str(record.msg).startswith(notes))
