"""compat: repairs in a fresh interpreter, and checkpoints that are safe to load."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer, MessageHub
from mmengine.runner import CheckpointLoader, load_checkpoint

from mmseg_picie import compat
from mmseg_picie.checkpoints.pretrained import CheckedPretrainedInit as PretrainedInit

ENV = {
    **os.environ,
    'OMP_NUM_THREADS': '1',
    'PYTHONPATH': str(Path(__file__).resolve().parents[1]),
}


def run_python(code: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, '-c', code],
        capture_output=True,
        text=True,
        timeout=120,
        env=ENV,
    )


def test_mmseg_imports_after_compat_even_if_it_failed_before():
    code = """
import mmseg.registry
try:
    import mmseg.models
except ModuleNotFoundError:
    print('failed first')
from importlib.util import find_spec
import mmseg_picie.compat
import mmseg.models, mmseg.apis, mmseg.utils
import mmcv.ops
assert hasattr(mmcv.ops, 'point_sample')
from mmseg.registry import MODELS
print(MODELS.get('FCNHead').__name__, MODELS.get('FocalLoss').__name__)
"""
    done = run_python(code)
    assert done.returncode == 0, done.stderr
    assert 'FCNHead FocalLoss' in done.stdout


def test_missing_op_is_a_module_not_found_error():
    ops = sys.modules['mmcv.ops']
    if not getattr(ops, 'is_stand_in', False):
        pytest.skip('full mmcv is installed')
    with pytest.raises(ModuleNotFoundError, match='MultiScaleDeformableAttention'):
        from mmcv.ops import MultiScaleDeformableAttention  # noqa: F401
    with pytest.raises(ModuleNotFoundError, match='FocalLoss'):
        ops.sigmoid_focal_loss(None)
    assert not hasattr(ops, '__wrapped__')
    assert 'mmcv._ext' not in sys.modules


def test_point_sample_is_the_real_one():
    from mmcv.ops import point_sample

    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    corner_of_first_four = torch.tensor([[[0.25, 0.25]]])
    # Bilinear half way between pixels 0, 1, 4, 5.
    assert float(point_sample(image, corner_of_first_four)) == pytest.approx(2.5)


def test_missing_stack_is_one_error_with_the_command(tmp_path):
    # A path finder that hides the stack stands for an environment without it.
    code = """
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in ('mmengine', 'mmcv', 'mmseg'):
            raise ModuleNotFoundError(name)
sys.path_importer_cache.clear()
import importlib.util
real = importlib.util.find_spec
importlib.util.find_spec = (
    lambda n, p=None: None if n in ('mmengine', 'mmcv', 'mmseg') else real(n, p))
sys.meta_path.insert(0, Hide())
try:
    import mmseg_picie
except ImportError as error:
    print(type(error).__name__, error)
"""
    done = run_python(code)
    assert done.stdout.startswith('ImportError'), done.stderr
    assert "pip install 'mmseg_picie[openmmlab]'" in done.stdout
    assert 'mmengine, mmcv, mmseg' in done.stdout


def test_checkpoint_with_history_buffers_loads(tmp_path):
    hub = MessageHub('test_compat')
    hub.update_scalar('train/loss', 1.0)
    hub.update_scalar('train/loss', np.float32(2.0))
    hub.update_info('number', np.int64(7))
    file = tmp_path / 'epoch_1.pth'
    content = dict(state_dict={'w': torch.ones(2)}, message_hub=hub.state_dict())
    torch.save(content, file)

    loaded = CheckpointLoader.load_checkpoint(str(file), map_location='cpu')

    buffer = loaded['message_hub']['log_scalars']['train/loss']
    assert isinstance(buffer, HistoryBuffer)
    assert buffer.mean() == 1.5
    assert loaded['message_hub']['runtime_info']['number'] == 7


class Touch:
    """Runs a command when it is unpickled without care."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f'touch {self.path}',)


class ReadInit:
    def __reduce__(self):
        return getattr, (HistoryBuffer, '__init__')


def test_checkpoint_that_runs_code_is_refused(tmp_path):
    file, mark = tmp_path / 'bad.pth', tmp_path / 'ran'
    torch.save(dict(state_dict={}, extra=Touch(mark)), file)
    with pytest.raises(ValueError, match=r'bad\.pth .*refused.*system'):
        load_checkpoint(torch.nn.Linear(1, 1), str(file))
    assert not mark.exists()


def test_getattr_in_a_checkpoint_reaches_statistics_only(tmp_path):
    file = tmp_path / 'bad.pth'
    torch.save(dict(state_dict={}, extra=ReadInit()), file)
    with pytest.raises(ValueError, match='getattr'):
        compat.safe_load(file)


@pytest.mark.parametrize('content', [b'', b'<html>not found</html>', None])
def test_damaged_checkpoint_names_the_file(tmp_path, content):
    file = tmp_path / 'cut.pth'
    torch.save({'w': torch.ones(1000)}, file)
    file.write_bytes(file.read_bytes()[:700] if content is None else content)
    with pytest.raises(ValueError, match=r'cut\.pth is damaged'):
        compat.safe_load(file)


def test_missing_checkpoint_names_file_and_remedy(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'none\.pth.*name another'):
        CheckpointLoader.load_checkpoint(str(tmp_path / 'none.pth'))


def refused_port() -> int:
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def test_failed_download_says_what_to_put_where(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    url = f'http://127.0.0.1:{refused_port()}/models/resnet18-f37072fd.pth'
    with pytest.raises(ConnectionError) as caught:
        CheckpointLoader.load_checkpoint(url)
    message = str(caught.value)
    assert url in message
    assert str(tmp_path / 'checkpoints' / 'resnet18-f37072fd.pth') in message
    assert 'name a local file' in message
    # Of a backbone it says which setting to change.
    backbone = PretrainedInit(url)
    with pytest.raises(ConnectionError, match='model.backbone.init_cfg=None'):
        backbone(torch.nn.Linear(1, 1))


def test_cached_download_is_loaded_without_a_network(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    (tmp_path / 'checkpoints').mkdir()
    torch.save({'w': torch.full((2,), 3.0)}, tmp_path / 'checkpoints' / 'net.pth')
    loaded = CheckpointLoader.load_checkpoint(
        f'http://127.0.0.1:{refused_port()}/net.pth'
    )
    assert loaded['w'].tolist() == [3.0, 3.0]


def test_failed_download_is_raised_on_every_rank(tmp_path):
    # Only the node's first process tries; the other must not wait for it.
    code = """
import torch
from mmseg_picie import compat
from mmseg_picie.checkpoints.pretrained import CheckedPretrainedInit as PretrainedInit
from mmengine.runner import CheckpointLoader
torch.distributed.init_process_group('gloo')
torch.hub.set_dir({folder!r})
try:
    CheckpointLoader.load_checkpoint('http://127.0.0.1:{port}/net.pth')
except ConnectionError as error:
    print('raised', 'could not be fetched' in str(error))
"""
    script = tmp_path / 'load.py'
    script.write_text(code.format(folder=str(tmp_path), port=refused_port()))
    port, processes = refused_port(), []
    for rank in range(2):
        env = dict(RANK=rank, LOCAL_RANK=rank, WORLD_SIZE=2, MASTER_PORT=port)
        env = {key: str(value) for key, value in env.items()}
        processes.append(
            subprocess.Popen(
                [sys.executable, str(script)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**ENV, **env, 'MASTER_ADDR': '127.0.0.1'},
            )
        )
    for process in processes:
        out, err = process.communicate(timeout=100)
        assert 'raised True' in out, err


def test_mps_is_avoided(monkeypatch):
    from mmengine.device import utils

    monkeypatch.setattr(utils, 'DEVICE', 'mps')
    compat.avoid_mps()
    assert utils.get_device() == 'cpu'
