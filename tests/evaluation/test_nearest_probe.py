"""The bank of labeled points, and classes by its votes."""

import pytest
import torch

from mmseg_picie.errors import InputError
from mmseg_picie.evaluation import fill_bank, probe_row
from mmseg_picie.evaluation.nearest_probe import labels_on_grid


def draw(seed, count=3, size=8):
    generator = torch.Generator().manual_seed(seed)
    for _ in range(count):
        labels = torch.randint(0, 3, (size, size), generator=generator)
        noise = 0.1 * torch.randn(size, size, 3, generator=generator)
        embedding = torch.eye(3)[labels] + noise
        yield embedding.permute(2, 0, 1), labels.to(torch.uint8)


def test_label_is_that_at_the_center_of_a_cell():
    labels = torch.arange(36).reshape(6, 6)
    assert labels_on_grid(labels, (2, 3)).tolist() == [7, 9, 11, 25, 27, 29]


def test_bank_has_the_labeled_points():
    images = list(draw(0))
    images[1][1][:, :] = 255
    images[2][1][0, 0] = 255
    votes = fill_bank([images[:2], images[2:]], 3, neighbors=1).votes
    assert len(votes.bank) == len(votes.classes) == 64 + 63
    points = torch.cat([images[0][0].flatten(1).T, images[2][0].flatten(1).T[1:]])
    assert torch.allclose(votes.bank, torch.nn.functional.normalize(points, dim=1))
    expected = [*images[0][1].flatten(), *images[2][1].flatten()[1:]]
    assert votes.classes.tolist() == [int(label) for label in expected]


def test_draw_is_even_and_of_the_seed():
    images = list(draw(1, count=40))
    banks = [
        fill_bank([images], 3, bank_size=640, neighbors=1, seed=seed).votes
        for seed in (0, 0, 1)
    ]
    assert torch.equal(banks[0].bank, banks[1].bank)
    assert not torch.equal(banks[0].bank, banks[2].bank)
    # A quarter of each image's 64 points; 6 standard deviations are 21.
    every = torch.nn.functional.normalize(
        torch.cat([image.flatten(1).T for image, _ in images]), dim=1
    )
    owner = torch.cdist(banks[0].bank, every).argmin(1) // 64
    drawn = torch.bincount(owner, minlength=40)
    assert drawn.sum() == 640 and (drawn > 0).all() and drawn.max() <= 16 + 21


def test_separable_classes_are_told_apart():
    probe = fill_bank([list(draw(2))], 3, neighbors=5)
    row = probe_row('knn', 'words', probe, [list(draw(3))], boundary=True)
    assert row.scores.aAcc == row.scores.mIoU == row.boundary.mF == 100
    assert (row.method, row.protocol, row.named_by) == (
        *('knn', 'words'),
        'labeling images',
    )


def test_groups_of_classes_have_figures():
    probe = fill_bank([list(draw(2))], 3, neighbors=5)
    row = probe_row('knn', '', probe, [list(draw(3))], dict(things=[0, 2]))
    assert row.groups['mIoU_things'] == 100


def test_wrong_labels_are_named():
    images = list(draw(0))
    with pytest.raises(InputError, match=r'\[0, 2\) or be 255, got 2'):
        fill_bank([images], 2)
    images[0][1][1:] = 255
    with pytest.raises(InputError, match='8 points .* 20 neighbors'):
        fill_bank([images[:1]], 3)
    with pytest.raises(InputError, match='no pixel of the scored images'):
        empty = [(image, torch.full_like(labels, 255)) for image, labels in draw(0)]
        probe_row('knn', '', fill_bank([list(draw(0))], 3), [empty])
