"""Backbones of docs/backbones.md run in PiCIE, and the page says what they give."""

import make_backbones
import pytest
import torch

PAGE = make_backbones.PAGE.read_text()


@pytest.mark.parametrize('text', make_backbones.BACKBONES)
def test_backbone_embeds_and_trains_as_the_page_says(text):
    model = make_backbones.build(text)
    assert make_backbones.row(text, model) in PAGE.splitlines(), (
        'run: python docs/make_backbones.py'
    )
    model.train()
    side = make_backbones.SIDE
    vectors = model.embed(torch.randn(2, 3, side, side))
    assert torch.allclose(vectors.norm(dim=1), torch.ones(()), atol=1e-4)
    vectors[:, 0].sum().backward()
    parts = [*model.backbone.named_parameters(), *model.neck.named_parameters()]
    idle = [name for name, p in parts if p.requires_grad and p.grad is None]
    assert idle == []


def test_page_has_no_other_backbones():
    table = PAGE.partition(make_backbones.BEGIN)[2].partition(make_backbones.END)[0]
    assert table.count('| `type=') == len(make_backbones.BACKBONES)
