"""The network of a checkpoint comes back from the file alone, and nothing runs."""

import pytest
import torch
from mmengine.config import Config

from mmseg_picie.checkpoints import build_segmentor, stored_config
from mmseg_picie.errors import InputError


def loaded_with(text):
    return dict(meta=dict(cfg=text))


def test_network_is_built_from_the_file_alone(trained):
    path = trained / 'epoch_1.pth'
    model, cfg = build_segmentor(path)
    state = torch.load(path, weights_only=False)['state_dict']
    ours = model.state_dict()
    assert ours.keys() == state.keys()
    assert all(torch.equal(ours[name], state[name]) for name in ours)
    assert not model.training
    assert cfg.model.type == 'PiCIE'


def test_stored_text_reads_as_mmengine_reads_it(trained):
    loaded = torch.load(trained / 'epoch_1.pth', weights_only=False)
    executed = Config.fromstring(loaded['meta']['cfg'], '.py')
    assert stored_config(loaded, 'it').to_dict() == executed.to_dict()


def test_keys_that_are_no_names_are_read():
    cfg = Config(dict(a=dict({'neck.residual': dict(lr_mult=2.0)}, b=[-1, (1,)])))
    assert stored_config(loaded_with(cfg.dump()), 'it').to_dict() == cfg.to_dict()


@pytest.mark.parametrize(
    'text',
    [
        "import os\nos.system('touch {}')",
        "x = __import__('os').system('touch {}')",
        "x = dict(a=open('{}', 'w'))",
        "x = [i for i in open('{}', 'w')]",
        "dict = open\nx = dict('{}', 'w')",
    ],
)
def test_text_that_does_something_is_refused_and_not_run(text, tmp_path):
    file = tmp_path / 'made'
    with pytest.raises(InputError, match='not plain data'):
        stored_config(loaded_with(text.format(file)), 'it')
    assert not file.exists()


@pytest.mark.parametrize('name', ['os.system', 'subprocess.Popen', 'mmseg.os.system'])
def test_types_that_would_be_imported_are_refused(name, trained, tmp_path):
    loaded = torch.load(trained / 'epoch_1.pth', weights_only=False)
    cfg = Config.fromstring(loaded['meta']['cfg'], '.py')
    cfg.model.neck = dict(type=name, command=f'touch {tmp_path / "made"}')
    loaded['meta']['cfg'] = cfg.dump()
    torch.save(loaded, tmp_path / 'stranger.pth')
    with pytest.raises(InputError, match='registered class'):
        build_segmentor(tmp_path / 'stranger.pth')
    assert not (tmp_path / 'made').exists()


def test_checkpoint_without_a_config_is_refused():
    with pytest.raises(InputError, match='holds no config'):
        stored_config(dict(meta={}), 'it')
