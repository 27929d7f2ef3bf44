"""What labeled training images tell of the features: dense k-NN and a linear probe."""

import math
from collections.abc import Iterator, Mapping, Sequence

import torch

from ..errors import check_choice
from ..evaluation import (
    BANK,
    LabeledEmbedding,
    LinearProbe,
    NamingScores,
    NearestProbe,
    fill_bank,
    fit_probe,
    probe_row,
)
from .labeled_embeddings import LabeledEmbeddings

PROBES = ('knn', 'linear_probe')
EPOCHS = 20
LEAST_STEPS = 200  # of Adam: twenty epochs of a few images are too few
LR = 0.1  # high: components of unit vectors are short
PROTOCOLS = {
    'knn': 'the {neighbors} nearest of {points} labeled pixels of the labeling images '
    'vote by cosine; nothing is trained',
    'linear_probe': 'one 1x1 convolution on the fixed embedding, trained on all labels '
    'of the labeling images for {epochs} epochs',
}


def score_probes(
    kinds: Sequence[str],
    scored: LabeledEmbeddings,
    labeling: LabeledEmbeddings,
    num_classes: int,
    seed: int = 0,
    device: torch.device | str = 'cpu',
    bank_size: int = BANK,
    partitions: Mapping[str, Sequence[int]] | None = None,
    boundary: bool = False,
) -> list[NamingScores]:
    """Learns classes from the labeling images and scores them on others.

    Args:
        kinds: Some of ``PROBES``.
        scored: Images that figures are of.
        labeling: Images that are learned from, apart from the scored ones.
        num_classes: C.
        seed: Of the bank's draw and the order of the images.
        device: What probes run on.
        bank_size: Points of the k-NN's bank.
        partitions: Class ids of groups of classes, by name.
        boundary: Whether to score boundaries, too.

    Returns:
        One entry for each kind, in their order.

    Raises:
        InputError: If a kind is unknown, or no pixel of a stream is labeled.
    """
    rows = []
    for kind in kinds:
        check_choice('probe', kind, PROBES)
        if kind == 'knn':
            batches = labeling.batches((seed, 0), 'filling the bank')
            probe = fill_bank(batches, num_classes, bank_size, seed=seed, device=device)
            words = _words_of(probe)
        else:
            probe, words = _train(labeling, num_classes, seed, device)
        rows.append(
            probe_row(
                kind,
                PROTOCOLS[kind].format(**words),
                probe,
                scored.batches((seed, 0), f'scoring {kind}'),
                partitions,
                boundary,
            )
        )
    return rows


def _words_of(probe: NearestProbe) -> dict[str, int]:
    votes = probe.votes
    return dict(neighbors=votes.neighbors, points=len(votes.bank))


def _train(
    images: LabeledEmbeddings, num_classes: int, seed: int, device: torch.device | str
) -> tuple[LinearProbe, dict[str, int]]:
    """A trained probe and what its protocol names."""
    steps = math.ceil(images.num_images / images.batch_size)
    epochs = max(EPOCHS, math.ceil(LEAST_STEPS / steps))

    def passes() -> Iterator[Iterator[list[LabeledEmbedding]]]:
        for epoch in range(epochs):
            title = f'linear probe, epoch {epoch + 1} of {epochs}'
            yield images.batches((seed, epoch), title)

    probe = LinearProbe(images.embedding_size, num_classes).to(device)
    fit_probe(probe, passes(), LR)
    return probe, dict(epochs=epochs)
