"""What a head that was saved predicts with, read off its state alone."""

from collections.abc import Mapping

from torch import Tensor

from .classifier_head import classifier_source
from .clustering_head import centroid_source
from .softmax_head import softmax_source


def head_sources(state: Mapping[str, Tensor]) -> list[str]:
    """Every ``source`` that a head with this state may have, the usual one first.

    Args:
        state: Parameters and buffers of a head by name, as a checkpoint has them.

    Returns:
        One text, or two where the head's options say whether centroids or a learned
        classifier predict.
    """
    learned = [
        state[name]
        for name in ('classifier.weight', 'classifier.bias')
        if name in state
    ]
    if 'rounds_trained' in state:
        return [softmax_source(int(state['rounds_trained']), *learned)]
    num_rounds = int(state['centroids_round'])
    sources = [centroid_source(num_rounds, state['eval_centroids'])]
    return sources + [classifier_source(num_rounds, *learned)] if learned else sources
