"""Names and colors of clusters that nobody has named."""

from .distinct_palette import distinct_palette


def cluster_meta(num_clusters: int) -> dict:
    """Names and colors of clusters, for masks that no matching has named.

    Returns:
        Dict of ``classes`` (cluster_0 ...) and ``palette`` ([r, g, b] each, see
        :func:`distinct_palette`).
    """
    names = tuple(f'cluster_{index}' for index in range(num_clusters))
    return dict(classes=names, palette=distinct_palette(num_clusters))
