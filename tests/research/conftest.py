"""A small table of methods: configs, and the command that makes it."""

import pytest
from methods_table import main
from small_run import make_config


@pytest.fixture
def configs(camvid_root, tmp_path, monkeypatch):
    """Two methods on a small data set that cluster once and train nothing."""
    monkeypatch.chdir(tmp_path)
    for name, channels in (('thin', 6), ('wide', 8)):
        config = make_config(
            camvid_root,
            tmp_path / 'unused',
            model=dict(
                neck=dict(out_channels=channels),
                decode_head=dict(in_channels=channels),
            ),
            train_cfg=dict(_delete_=True, type='ClusterOnlyLoop'),
        )
        config.data_root = str(camvid_root)
        config.dump(f'{name}.py')
    return ('thin.py', 'wide.py')


@pytest.fixture
def table(configs, capsys):
    """Runs the command; its exit code, output and errors."""

    def call(*argv):
        code = main([*configs, '--out', 'out', *argv])
        return code, *capsys.readouterr()

    return call
