"""The command that exports: what it writes and says."""

import sys

import numpy as np
import pytest
import torch
from mmengine.config import Config
from PIL import Image
from small_run import load

from mmseg_picie.checkpoints import build_segmentor
from mmseg_picie.checkpoints.export_onnx import _about
from mmseg_picie.cli.export import export
from mmseg_picie.errors import InputError, MissingFileError
from mmseg_picie.inference import Segmenter


def call(checkpoint, to, out):
    """What the command says."""
    lines = []
    export(checkpoint, to, out, say=lines.append)
    return lines


def test_folder_of_a_run_goes_to_mmseg(trained, tmp_path):
    lines = call(trained, 'mmseg', tmp_path / 'out')
    assert lines[1] == 'ids of its masks are clusters'
    config = Config.fromfile(tmp_path / 'out' / 'config.py')
    assert config.model.type == 'EncoderDecoder'
    assert (tmp_path / 'out' / 'model.pth').is_file()


def test_onnx_file_and_its_script_give_the_masks_of_predict(trained, tmp_path):
    pytest.importorskip('onnxscript')
    onnxruntime = pytest.importorskip('onnxruntime')
    checkpoint = trained / 'epoch_1.pth'
    lines = call(checkpoint, 'onnx', tmp_path)
    script, model = tmp_path / 'run_onnx.py', tmp_path / 'model.onnx'
    assert lines[-1] == f'python {script} {model} IMAGE OUT.png'
    pixels = np.random.default_rng(0).integers(0, 255, (40, 56, 3)).astype('u1')
    session = onnxruntime.InferenceSession(model)
    (ids,) = session.run(['ids'], {'images': pixels.transpose(2, 0, 1)[None]})
    expected = Segmenter(checkpoint, device='cpu').predict(Image.fromarray(pixels))
    assert np.array_equal(ids[0], expected)


def test_exports_say_that_masks_are_not_refined(trained, tmp_path):
    loaded = load(trained / 'epoch_1.pth')
    text = loaded['meta']['cfg']
    loaded['meta']['cfg'] = text.replace("mode='whole'", "mode='whole', refine='pamr'")
    torch.save(loaded, tmp_path / 'refined.pth')
    lines = call(tmp_path / 'refined.pth', 'mmseg', tmp_path / 'out')
    said = 'masks of the checkpoint are refined by pamr('
    assert lines[-1].startswith(said)
    assert 'no part of the export' in lines[-1]
    config = Config.fromfile(tmp_path / 'out' / 'config.py')
    assert config.model.test_cfg == dict(mode='whole')
    assert 'refined by pamr(' in (tmp_path / 'out' / 'config.py').read_text()
    # Writing an ONNX file takes long; this is what it holds beside the graph.
    about = _about(*build_segmentor(tmp_path / 'refined.pth'))
    assert about['left_out'].startswith(said)
    about = _about(*build_segmentor(trained / 'epoch_1.pth'))
    assert 'left_out' not in about


def test_backbone_is_written_with_the_line_that_loads_it(trained, tmp_path):
    lines = call(trained / 'epoch_1.pth', 'backbone', tmp_path / 'new')
    file = tmp_path / 'new' / 'backbone.pth'
    state = torch.load(file)['state_dict']
    assert all(name.startswith('backbone.') for name in state)
    assert lines[-1].startswith('backbone=dict(')
    assert f"checkpoint='{file}'" in lines[-1]


def test_unknown_target_is_refused(trained, tmp_path):
    with pytest.raises(InputError, match='--to must be one of'):
        call(trained, 'tensorrt', tmp_path)


def test_file_in_place_of_a_folder_is_refused(trained, tmp_path):
    (tmp_path / 'out').write_text('mine')
    with pytest.raises(InputError, match='out is a file'):
        call(trained, 'backbone', tmp_path / 'out')
    assert (tmp_path / 'out').read_text() == 'mine'


def test_missing_checkpoint_is_refused(tmp_path):
    with pytest.raises(MissingFileError):
        call(tmp_path / 'a.pth', 'onnx', tmp_path)


def test_missing_package_is_named(trained, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    with pytest.raises(InputError, match='pip install'):
        call(trained, 'onnx', tmp_path)
