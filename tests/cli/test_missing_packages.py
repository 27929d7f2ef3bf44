"""A backbone of a package that is not installed is one line, for mmseg's models too."""

import pytest
from tiny_config import CONFIG

from mmseg_picie.cli import train
from mmseg_picie.models.backbones import installed


@pytest.mark.parametrize('name', ['mmabsent.ConvNeXt', 'TIMMBackbone'])
def test_training_names_the_package_and_the_command(
    name, tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(installed.WRAPPERS, 'TIMMBackbone', 'mmabsent')
    config = tmp_path / 'config.py'
    config.write_text(CONFIG.replace("type='ResNet'", f'type={name!r}'))
    assert train.main([str(config), '--work-dir', str(tmp_path / 'run')]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith(f'error: model.backbone.type={name} needs the package')
    assert line.endswith('pip install mmabsent')
