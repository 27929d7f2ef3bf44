"""Whether the GPU computes what the CPU does."""

import argparse
import copy

import torch
from torch import nn

from ..internals import (
    next_batch,
    prepare_steps,
    preprocess,
    set_centroids,
    stream_means,
    total_loss,
    view_labels,
    view_points,
)
from .workload import Way, built

# What float32 has to reach; the other precisions are shown beside it.
MOST_CENTROIDS, MOST_LOSS, LEAST_LABELS = 1e-4, 1e-3, 99.9
# One point that changes its cluster moves a centroid the less, the more points it has.
NUM_IMAGES = 32


def measure_equality(args: argparse.Namespace, way: Way) -> dict:
    """Largest difference of centroids, relative one of the loss, equal labels."""
    with built(args, way, workers=0, batch=min(args.batch, NUM_IMAGES)) as runner:
        model, batch = runner.model, next_batch(runner)
        reference = copy.deepcopy(model).cpu()
        reference.precision = 'float32'
        values = differences(model, reference, batch)
    if way.precision == 'float32':
        values['equal'] = 'yes' if is_equal(values) else 'NO'
    return values


def differences(model: nn.Module, reference: nn.Module, batch: dict) -> dict:
    """Differences of two models of the same weights on one batch.

    Both cluster the views from the same centroids, each with its own points; both then
    label and train by the reference's centroids.
    """
    points, inputs = {}, {}
    for network in (model, reference):
        prepare_steps(network)
        inputs[network] = preprocess(network, batch)
        points[network] = view_points(network, inputs[network])
    count = reference.decode_head.num_clusters
    start = [own[:: len(own) // count][:count] for own in points[reference]]
    fitted = {
        network: [
            stream_means(own.chunk(4), first.to(own.device)).cpu()
            for own, first in zip(points[network], start, strict=True)
        ]
        for network in (model, reference)
    }
    centroids = torch.stack(fitted[reference])
    labels, losses = {}, {}
    for network in (model, reference):
        set_centroids(network, centroids)
        labels[network] = view_labels(network, inputs[network]).cpu()
        losses[network] = total_loss(network, inputs[network])
    moved = (torch.stack(fitted[model]) - centroids).abs().max()
    same = (labels[model] == labels[reference]).double().mean()
    return {
        'centroids differ by': float(moved),
        'loss differs by (relative)': abs(losses[model] / losses[reference] - 1),
        'equal labels %': 100 * float(same),
    }


def is_equal(values: dict) -> bool:
    """Whether differences are within the bounds."""
    return (
        values['centroids differ by'] <= MOST_CENTROIDS
        and values['loss differs by (relative)'] <= MOST_LOSS
        and values['equal labels %'] >= LEAST_LABELS
    )
