"""Keeps a pixel's channels together in memory, for models of mmseg's own."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ..rounds.run_parts import unwrap


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Brings a model's weights into the channels-last format before training.

    Convolutions then give channels-last maps whatever format their input has: the same
    results up to rounding, and faster on a CPU. For models that have no such option
    of their own; ``PiCIE.channels_last`` says which networks cannot on some CPUs.
    """

    def before_train(self, runner: Runner) -> None:
        """Converts the weights, in place."""
        unwrap(runner.model).to(memory_format=torch.channels_last)
