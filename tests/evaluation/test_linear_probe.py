import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

from mmseg_picie.evaluation.linear_probe import (
    LinearProbe,
    fit_probe,
    pad_labels,
    score_probe,
)

META = dict(classes=('a', 'b', 'c'))


def separable(num_images=6, size=8, seed=0):
    """Images of embeddings in three directions, labeled by the direction."""
    generator = torch.Generator().manual_seed(seed)
    directions = F.normalize(torch.randn(3, 5, generator=generator), dim=1)
    images = []
    for _ in range(num_images):
        labels = torch.randint(3, (size, size), generator=generator)
        noise = 0.05 * torch.randn(size, size, 5, generator=generator)
        embedding = F.normalize(directions[labels] + noise, dim=2).permute(2, 0, 1)
        images.append((embedding, labels.to(torch.uint8)))
    return images


def fitted(images, epochs=60, lr=0.1):
    probe = LinearProbe(5, 3)
    losses = fit_probe(probe, ([images[:3], images[3:]] for _ in range(epochs)), lr)
    return probe, losses


def test_separable_classes_are_told_apart_without_error():
    images = separable()
    probe, losses = fitted(images)
    scores, table = score_probe(probe, [images], META)
    assert scores == dict(aAcc=100, mIoU=100, mAcc=100)
    assert table == {name: dict(IoU=100, Acc=100) for name in 'abc'}
    assert losses[0] == pytest.approx(np.log(3), abs=0.2)
    assert losses[-1] < 0.1


def test_optimum_is_that_of_logistic_regression():
    generator = torch.Generator().manual_seed(3)
    embedding = torch.randn(5, 20, 20, generator=generator)
    labels = torch.randint(3, (20, 20), generator=generator).to(torch.uint8)
    probe = LinearProbe(5, 3)
    fit_probe(probe, ([[(embedding, labels)]] for _ in range(400)), 0.05)

    points, classes = embedding.flatten(1).T.numpy(), labels.flatten().numpy()
    other = LogisticRegression(C=np.inf, max_iter=1000).fit(points, classes)
    ours = probe(embedding[None], (20, 20))[0].flatten(1).softmax(0).T
    theirs = other.predict_proba(points)
    assert np.allclose(ours.detach().numpy(), theirs, atol=2e-3)


def test_a_step_takes_the_mean_over_the_labeled_pixels_of_its_batch():
    large, small = separable(2)
    small[1].fill_(255)[0, 0] = 1  # one labeled pixel
    probe = LinearProbe(5, 3)
    fit_probe(probe, [[[large], [small]]] * 3, 0.05)

    plain = torch.nn.Conv2d(5, 3, 1)
    torch.nn.init.zeros_(plain.weight), torch.nn.init.zeros_(plain.bias)
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.05)
    for embedding, labels in [large, small] * 3:
        optimizer.zero_grad()
        logits = plain(embedding[None])
        F.cross_entropy(logits, labels[None].long(), ignore_index=255).backward()
        optimizer.step()
    torch.testing.assert_close(probe.conv.weight, plain.weight)
    torch.testing.assert_close(probe.conv.bias, plain.bias)


def test_loss_is_taken_at_the_size_of_the_labels():
    probe = LinearProbe(4, 3)
    torch.nn.init.normal_(probe.conv.weight, generator=torch.Generator().manual_seed(0))
    embedding = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([[0, 1, 2, 255]] * 6, dtype=torch.uint8)
    total, count = probe.loss([(embedding, labels)])

    logits = torch.einsum('cd,dhw->chw', probe.conv.weight[:, :, 0, 0], embedding)
    logits = F.interpolate(logits[None], (6, 4), mode='bilinear')[0]
    log_probs = logits.log_softmax(0)[:, :, :3]
    expected = -sum(log_probs[c, :, c].sum() for c in range(3))
    assert count == 18
    assert torch.allclose(total, expected, rtol=1e-5)


def test_ignored_pixels_do_not_count():
    images = separable()
    for embedding, labels in images:
        labels[:, :3] = 255
        embedding[:, :, :3] = 0
    changed = [(e.clone(), labels) for e, labels in images]
    for embedding, _ in changed:
        embedding[:, :, :3] = 7.0
    (first, _), (second, _) = fitted(images, 3), fitted(changed, 3)
    assert torch.equal(first.conv.weight, second.conv.weight)
    assert score_probe(first, [images], META) == score_probe(second, [changed], META)


def test_images_of_several_sizes_count_by_their_pixels():
    images = separable(2, 8) + separable(1, 4)
    probe = LinearProbe(5, 3)
    torch.nn.init.normal_(probe.conv.weight, generator=torch.Generator().manual_seed(0))
    total, count = probe.loss(images)
    parts = [probe.loss([image]) for image in images]
    assert count == sum(n for _, n in parts) == 2 * 64 + 16
    assert torch.allclose(total, sum(part for part, _ in parts))


def test_class_that_occurs_nowhere_has_no_score():
    images = separable()
    probe, _ = fitted(images)
    _, table = score_probe(probe, [images], dict(classes=('a', 'b', 'c', 'd')))
    assert table['d'] == dict(IoU=None, Acc=None)


def test_what_is_no_class_is_refused():
    images = [(torch.zeros(5, 2, 2), torch.full((2, 2), 3, dtype=torch.uint8))]
    with pytest.raises(ValueError, match=r'labels must lie in \[0, 3\) .* got 3'):
        LinearProbe(5, 3).loss(images)


def test_images_without_labels_are_refused():
    images = [(torch.zeros(5, 2, 2), torch.full((2, 2), 255, dtype=torch.uint8))]
    probe = LinearProbe(5, 3)
    with pytest.raises(ValueError, match='no pixel of the training images'):
        fit_probe(probe, [[images]], 0.1)
    with pytest.raises(ValueError, match='no pixel of the images to score'):
        score_probe(probe, [images], META)


def test_padding_of_the_image_is_ignored_in_labels_of_any_scale():
    labels = torch.zeros(6, 9, dtype=torch.uint8)
    padded = pad_labels(labels, (2, 3), (4, 4))
    assert padded.shape == (12, 12)
    assert (padded[:6, :9] == 0).all()
    assert (padded == 255).sum() == 12 * 12 - 6 * 9
    assert torch.equal(pad_labels(labels, (2, 3), (2, 3)), labels)


def test_images_are_predicted_one_at_a_time(monkeypatch):
    torch.manual_seed(0)
    probe = LinearProbe(3, 2)
    torch.nn.init.normal_(probe.conv.weight)
    images = [(torch.randn(3, 2, 2), torch.zeros(8, 8)) for _ in range(3)]
    expected = [probe(one[None], (8, 8))[0].argmax(0) for one, _ in images]
    forward, counts = LinearProbe.forward, []

    def counted(self, embedding, size):
        counts.append(len(embedding))
        return forward(self, embedding, size)

    monkeypatch.setattr(LinearProbe, 'forward', counted)
    found = probe.predict(images)
    assert counts == [1, 1, 1]
    assert all(torch.equal(a, b) for (a, _), b in zip(found, expected, strict=True))
