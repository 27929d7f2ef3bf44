"""PiCIE on a frozen ViT: the neck learns, the ViT stays, the checkpoint is whole."""

import pytest
import torch
from mmengine.runner import Runner
from vit_models import VITS

from mmseg_picie.checkpoints import build_segmentor

pytest.importorskip('transformers')


def test_a_neck_is_trained_on_a_frozen_vit(config, tmp_path):
    torch.manual_seed(0)
    cfg = config(rounds=2)
    cfg.model.backbone = dict(
        type='TransformersBackbone', model=VITS['dinov2'], out_indices=(0, 2)
    )
    cfg.model.neck.in_channels = 'auto'
    runner = Runner.from_cfg(cfg)
    before = {k: v.clone() for k, v in runner.model.state_dict().items()}
    runner.train()
    after = runner.model.state_dict()
    for name, value in before.items():
        if name.startswith('backbone.'):
            assert torch.equal(after[name], value), name
    assert not torch.equal(
        after['neck.laterals.0.weight'], before['neck.laterals.0.weight']
    )
    built, _ = build_segmentor(tmp_path / 'run' / 'epoch_2.pth')
    images = torch.randn(1, 3, 40, 56)
    assert torch.equal(built.embed(images), runner.model.eval().embed(images))
    resumed = config(name='resumed', rounds=2, resume=True)
    resumed.model = cfg.model
    resumed.load_from = str(tmp_path / 'run' / 'epoch_1.pth')
    again = Runner.from_cfg(resumed)
    again.train()
    for name, value in again.model.state_dict().items():
        assert torch.equal(value, after[name]), name
