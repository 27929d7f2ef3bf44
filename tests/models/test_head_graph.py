"""What an export makes a graph of reads no value of a tensor."""

import torch
from picie_model import build, give_centroids


def test_head_and_neck_are_traced_whole():
    model = build('resnet').eval().requires_grad_(False)
    give_centroids(model)
    levels = model.backbone(torch.randn(1, 3, 64, 64))

    class Top(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.neck, self.head = model.neck, model.decode_head

        def forward(self, *levels):
            return self.head(self.neck(levels))

    # A value that decides where to go would be an error here.
    exported = torch.export.export(Top(), levels)
    assert torch.allclose(exported.module()(*levels), Top()(*levels), atol=1e-6)
