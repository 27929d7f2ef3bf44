"""tools/attention_maps.py, as it is called."""

import cv2
import numpy as np
import pytest
import torch
from mmseg.registry import MODELS

from mmseg_picie.cli import attention_maps
from mmseg_picie.visualization import draw_attention, keep_mass

pytest.importorskip('transformers')
CONFIG = """
model = dict(
    data_preprocessor=dict(
        type='ViewsDataPreProcessor', mean=[120.0] * 3, std=[60.0] * 3, bgr_to_rgb=True
    ),
    backbone={backbone},
)
"""
VIT = dict(
    type='TransformersBackbone',
    model=dict(
        model_type='vit',
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        patch_size=8,
        image_size=32,
    ),
)


def write(tmp_path, backbone):
    file = tmp_path / 'config.py'
    file.write_text(CONFIG.format(backbone=backbone))
    return str(file)


@pytest.fixture
def image(tmp_path):
    (tmp_path / 'images' / 'a').mkdir(parents=True)
    image = np.random.default_rng(0).integers(0, 255, (16, 32, 3)).astype('u1')
    cv2.imwrite(str(tmp_path / 'images' / 'a' / 'x.png'), image)
    return image


def test_each_image_gets_the_picture_of_its_attention(tmp_path, image, capsys):
    torch.manual_seed(0)
    vit = MODELS.build(VIT)
    with torch.no_grad():
        for parameter in vit.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    torch.save(vit.state_dict(), tmp_path / 'vit.pth')
    backbone = dict(
        VIT, init_cfg=dict(type='Pretrained', checkpoint=f'{tmp_path}/vit.pth')
    )
    out = tmp_path / 'out'
    config = write(tmp_path, backbone)
    folder = str(tmp_path / 'images')
    code = attention_maps.main([config, folder, str(out), '--size', '16'])
    assert code == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == f'{out}: 1 picture(s)'
    rgb = np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1))
    inputs = (torch.from_numpy(rgb).float() - 120) / 60
    kept = keep_mass(vit.cls_attention(inputs[None])[0].numpy())
    assert kept.shape == (2, 2, 4)
    expected = draw_attention(image, kept)
    assert np.array_equal(cv2.imread(str(out / 'a' / 'x.png')), expected)


def test_names_that_differ_in_suffix_have_two_pictures(tmp_path, image):
    cv2.imwrite(str(tmp_path / 'images' / 'a' / 'x.jpg'), image)
    config, out = write(tmp_path, VIT), tmp_path / 'out'
    folder = str(tmp_path / 'images')
    assert attention_maps.main([config, folder, str(out), '--size', '16']) == 0
    names = sorted(path.name for path in out.rglob('*.png'))
    assert names == ['x.jpg.png', 'x.png.png']


def test_a_truncated_image_is_refused(tmp_path, image, capsys):
    file = tmp_path / 'images' / 'a' / 'x.jpg'
    cv2.imwrite(str(file), cv2.resize(image, (320, 160)))
    file.write_bytes(file.read_bytes()[:-2000])
    config = write(tmp_path, VIT)
    assert attention_maps.main([config, str(file), str(tmp_path / 'o')]) == 2
    assert 'x.jpg is truncated' in capsys.readouterr().err


@pytest.mark.parametrize(
    'backbone, options, message',
    [
        (dict(type='ResNet', depth=18), [], 'has the backbone ResNet, which has no cl'),
        (VIT, ['--mass', '0'], '--mass must lie in (0, 1], got 0.0'),
        (VIT, ['--size', '0'], '--size must be >= 1, got 0'),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    backbone, options, message, tmp_path, image, capsys
):
    config, folder = write(tmp_path, backbone), str(tmp_path / 'images')
    assert attention_maps.main([config, folder, str(tmp_path / 'o'), *options]) == 2
    assert message in capsys.readouterr().err
