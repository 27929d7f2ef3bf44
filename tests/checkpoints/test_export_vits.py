"""ViTs of transformers as ONNX files; mmseg has no such backbone."""

import networks
import pytest
import torch
from vit_models import VITS

from mmseg_picie.checkpoints import export_mmseg, export_onnx
from mmseg_picie.errors import InputError

pytest.importorskip('transformers')
SIZES = ((1, 64, 96), (2, 65, 97))


@pytest.fixture
def network(request, monkeypatch, tmp_path):
    """PiCIE on two blocks of a ViT, written to a.pth."""
    model = VITS[request.param]
    backbone = dict(type='TransformersBackbone', model=model, out_indices=(1, 2))
    if request.param in ('vit', 'dinov2'):
        backbone['position_offset'] = 0.1
    known = networks.BACKBONES | dict(vit=(backbone, [32, 32], model['patch_size']))
    monkeypatch.setattr(networks, 'BACKBONES', known)
    neck = dict(type='LateralSumFPN', out_channels=16)
    return networks.write(tmp_path / 'a.pth', neck, backbone='vit')


@pytest.mark.slow
@pytest.mark.parametrize('network', VITS, indirect=True)
def test_masks_of_the_onnx_file_equal_the_networks(network, tmp_path):
    onnxruntime = pytest.importorskip('onnxruntime')
    pytest.importorskip('onnxscript')
    export_onnx(tmp_path / 'a.pth', tmp_path / 'a.onnx')
    session = onnxruntime.InferenceSession(tmp_path / 'a.onnx')
    for seed, (count, height, width) in enumerate(SIZES):
        images = networks.drawn(count, height, width, seed)
        (ids,) = session.run(None, {'images': images.numpy()})
        expected = networks.predicted(network, images)
        assert len(expected.unique()) > 2
        assert (torch.from_numpy(ids) != expected).float().mean() <= 1e-4


@pytest.mark.parametrize('network', ['vit'], indirect=True)
def test_an_export_to_mmseg_names_onnx(network, tmp_path):
    message = 'TransformersBackbone is no backbone of mmseg.*: export it with --to onnx'
    with pytest.raises(InputError, match=message):
        export_mmseg(tmp_path / 'a.pth', tmp_path / 'out')
