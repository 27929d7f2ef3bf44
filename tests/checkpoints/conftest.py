import os
from pathlib import Path

import pytest

DATA = Path(
    os.environ.get('MMSEG_PICIE_TEST_DATA', Path(__file__).parents[3] / 'shared/data')
)


@pytest.fixture(scope='session')
def real_images():
    """Some images of each of four sets."""
    if not (DATA / 'camvid').is_dir():
        pytest.skip('set MMSEG_PICIE_TEST_DATA to the real samples')
    sets = ('camvid', 'dubai_tiles', 'faces', 'blood_cells')
    return [
        path for name in sets for path in sorted((DATA / name / 'img').iterdir())[:2]
    ]
