"""Names in what hooks stored in checkpoints that version 0.1 wrote."""

OLD_NEIGHBORS = 'neighbours'


def convert_label_free_state(state: dict | None) -> dict | None:
    """The state of ``LabelFreeScoresHook`` by its names of now.

    Version 0.1 spelled ``neighbors`` and ``num_neighbors`` the British way. Names of
    weights are converted where heads load them
    (:func:`mmseg_picie.models.convert_first_house_keys`).

    Args:
        state: As a checkpoint holds it, by old or new names; None where there is none.
    """
    if state is None or OLD_NEIGHBORS not in state:
        return state
    source = dict(state['source'])
    source['num_neighbors'] = source.pop(f'num_{OLD_NEIGHBORS}')
    rest = {name: state[name] for name in state if name != OLD_NEIGHBORS}
    return dict(rest, source=source, neighbors=state[OLD_NEIGHBORS])
