import functools
import os

# Small maps gain nothing by threads, and tests may run side by side (make test).
os.environ.setdefault('OMP_NUM_THREADS', '1')

import mmengine.runner.runner
import pytest
from mmengine.runner import Runner
from small_run import make_config, write_camvid


@pytest.fixture(scope='session', autouse=True)
def environment_is_looked_up_once():
    """Every runner logs compilers and versions, which takes seconds to find."""
    module = mmengine.runner.runner
    found = module.collect_env
    module.collect_env = functools.cache(found)
    yield
    module.collect_env = found


@pytest.fixture(scope='session')
def camvid_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('camvid')
    write_camvid(root)
    return root


@pytest.fixture
def config(camvid_root, tmp_path):
    """Builds configs on the small data set: config(rounds=..., **overrides)."""

    def build(name='run', **overrides):
        return make_config(camvid_root, tmp_path / name, **overrides)

    return build


@pytest.fixture(scope='session')
def trained(camvid_root, tmp_path_factory):
    """Work directory of a finished run of one round, with its config.py."""
    work_dir = tmp_path_factory.mktemp('trained')
    config = make_config(camvid_root, work_dir)
    Runner.from_cfg(config).train()
    config.dump(work_dir / 'config.py')
    return work_dir
