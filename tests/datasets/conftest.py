"""For all tests of data sets."""

import pytest
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope


@pytest.fixture(autouse=True)
def mmseg_scope():
    """Pipelines are built by names of mmseg, as the runner arranges it."""
    init_default_scope('mmseg')


@pytest.fixture
def log(caplog):
    """What is logged, also where mmengine's logger does not pass it on."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.addHandler(caplog.handler)
    logger.setLevel('INFO')
    yield caplog
    logger.setLevel(level)
    logger.removeHandler(caplog.handler)
