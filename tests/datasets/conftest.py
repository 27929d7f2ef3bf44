"""For all tests of data sets."""

import pytest
from mmengine.registry import init_default_scope


@pytest.fixture(autouse=True)
def mmseg_scope():
    """Pipelines are built by names of mmseg, as the runner arranges it."""
    init_default_scope('mmseg')
