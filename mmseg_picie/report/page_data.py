"""All that the page knows of clusters, as plain data."""

from typing import Any

import numpy as np

from ..checkpoints import Names
from .cluster_survey import ClusterSurvey
from .pictures import encode_crops, hex_color
from .relations import cosines, leaf_order, nearest_clusters, suggest_merges

CARD_BUDGET = 7_000_000  # bytes of all crops


def describe_clusters(survey: ClusterSurvey) -> list[dict[str, Any]]:
    """Figures and crops of each cluster, by id."""
    cards = survey.cards
    explained = np.stack(survey.places.explained(), 1).round(3).tolist()
    follows = survey.places.follows()
    crops = encode_crops(cards.crops, CARD_BUDGET)
    means = cards.mean_colors.round().astype(int)
    return [
        dict(
            id=cluster,
            color=hex_color(cards.palette[cluster]),
            share=round(float(cards.shares[cluster]), 6),
            pixels=int(cards.sizes[cluster]),
            images=int(cards.images[cluster]),
            mean=hex_color(means[cluster]),
            row=explained[cluster][0],
            column=explained[cluster][1],
            content=explained[cluster][2],
            follows=follows[cluster],
            crops=crops[cluster],
        )
        for cluster in range(survey.num_clusters)
    ]


def describe_relations(
    survey: ClusterSurvey, centroids: np.ndarray | None
) -> dict[str, Any]:
    """Order of the cards, nearest clusters and suggestions to merge.

    Args:
        survey: Of the clusters.
        centroids: Those that predict, (K, D); None for a network without, whose
            clusters come by size and have no neighbors.
    """
    sizes = survey.cards.sizes
    if centroids is None:
        by_size = np.argsort(-sizes, kind='stable').tolist()
        return dict(order=by_size, nearest=[[] for _ in sizes], suggestions=[])
    cosine = cosines(centroids)
    nearest = [
        [[int(other), round(float(cosine[own, other]), 3)] for other in near]
        for own, near in enumerate(nearest_clusters(cosine))
    ]
    pairs = suggest_merges(cosine, survey.borders, sizes)
    return dict(
        order=leaf_order(cosine),
        nearest=nearest,
        suggestions=[
            [p.first, p.second, round(p.cosine, 3), round(p.border, 3)] for p in pairs
        ],
    )


def describe_names(names: Names | None) -> list[dict[str, Any]]:
    """Names that the page begins with, an entry for each cluster that has one."""
    entries = () if names is None else names.clusters
    return [dict(id=e.id, name=e.name, color=e.color) for e in entries]
