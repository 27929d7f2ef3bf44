"""The schedule of a config at the position of the rounds that are done."""

from mmengine.optim import OptimWrapper, _ParamScheduler
from mmengine.runner import EpochBasedTrainLoop, Runner

TENSORS = ('state', 'param_groups')


def put_schedule(runner: Runner, checkpoint: dict) -> list[str]:
    """Puts the schedules of a runner where the rounds of a checkpoint end.

    The optimizer keeps its moments and takes rates and options of the config. The
    schedules take the steps of the rounds that are done, from the beginning, with as
    many steps a round as there are now.

    Args:
        runner: With its optimizer and schedules as the config has them.
        checkpoint: Changed in place, so that mmengine brings back nothing else.

    Returns:
        What else changes, in words.
    """
    meta, wrapper = checkpoint['meta'], runner.optim_wrapper
    in_rounds = isinstance(runner.train_loop, EpochBasedTrainLoop)
    if in_rounds:
        meta['iter'] = meta['epoch'] * len(runner.train_dataloader)
    schedulers = runner.param_schedulers or []
    built = isinstance(wrapper, OptimWrapper) and isinstance(schedulers, list)
    if not built or not all(isinstance(s, _ParamScheduler) for s in schedulers):
        return [
            'several optimizers: their rates and schedules are those of the run so far'
        ]
    checkpoint.pop('param_schedulers', None)
    by_score = [s for s in schedulers if getattr(s, 'need_val_args', False)]
    _advance([s for s in schedulers if s not in by_score], meta, wrapper)
    notes = [f'{type(s).__name__} begins anew: it goes by scores' for s in by_score]
    if not _takes_settings(wrapper, checkpoint.get('optimizer') or {}):
        checkpoint.pop('optimizer', None)
        notes.append('the moments of the optimizer begin anew: it is another one')
    return notes


def _advance(
    schedulers: list[_ParamScheduler], meta: dict, wrapper: OptimWrapper
) -> None:
    """Steps schedules in the order in which a training does."""
    by_step = [s for s in schedulers if not s.by_epoch]
    by_round = [s for s in schedulers if s.by_epoch]
    # mmengine warns of schedules that step before their optimizer.
    wrapper._global_step = max(getattr(wrapper, '_global_step', 0), 0)
    rounds, steps = meta['epoch'], meta['iter'] if by_step else 0
    for done in range(1, rounds + 1):
        # A round's share of the steps; without rounds all of them come at the end.
        for _ in range(done * steps // rounds - (done - 1) * steps // rounds):
            _step(by_step)
        _step(by_round)
    if not rounds:
        for _ in range(steps):
            _step(by_step)


def _step(schedulers: list[_ParamScheduler]) -> None:
    for scheduler in schedulers:
        scheduler.step()


def _takes_settings(wrapper: OptimWrapper, stored: dict) -> bool:
    """Gives stored moments the rates and options of an optimizer, if they are its own.

    Args:
        wrapper: As the config has it.
        stored: State of the optimizer so far; changed in place.
    """
    current = wrapper.state_dict()
    groups, old = current['param_groups'], stored.get('param_groups', [])
    if _shape(groups) != _shape(old):
        return False
    stored['param_groups'] = [
        dict(new, params=group['params'])
        for new, group in zip(groups, old, strict=True)
    ]
    for name in current.keys() - set(TENSORS):
        # A base rate is a setting, the scale of mixed precision a state.
        if name == 'base_param_settings' or name not in stored:
            stored[name] = current[name]
    return True


def _shape(groups: list[dict]) -> list:
    """Number of weights and names of options of each group: Adam's are not SGD's."""
    return [
        (len(group['params']), {name for name in group if 'initial_' not in name})
        for group in groups
    ]
