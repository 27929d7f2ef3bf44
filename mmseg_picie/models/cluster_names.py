"""Names and colors of clusters that nobody has named."""

import colorsys


def cluster_meta(num_clusters: int) -> dict:
    """Names and colors of clusters, for masks that no matching has named.

    Returns:
        Dict of ``classes`` (cluster_0 ...) and ``palette`` ([r, g, b] each, all
        different up to several hundred).
    """
    palette = []
    for index in range(num_clusters):
        # Golden-ratio steps keep neighboring ids far apart in hue.
        hue = (index * 0.618033988749895) % 1
        light = (0.45, 0.65, 0.85)[index % 3]
        rgb = colorsys.hls_to_rgb(hue, 0.35 + 0.3 * light, 0.5 + 0.5 * light)
        palette.append([round(255 * channel) for channel in rgb])
    names = tuple(f'cluster_{index}' for index in range(num_clusters))
    return dict(classes=names, palette=palette)
