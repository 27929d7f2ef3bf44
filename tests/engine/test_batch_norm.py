"""What is changed for a moment is put back, whatever happens in it."""

import pytest
import torch
from torch import nn

from mmseg_picie.engine.rounds.batch_norm import (
    batch_norm_in_training,
    calibrate_batch_norm,
)


class Network(nn.Sequential):
    extract_feat = nn.Sequential.forward

    def train(self, mode=True):
        super().train(mode)
        self[-1].eval()  # as norm_eval does
        return self


def network():
    return Network(
        nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout(), nn.BatchNorm2d(4)
    ).train()


def modes(model):
    return [module.training for module in model.modules()]


BEFORE = [True, True, True, True, False]


def test_only_batch_norm_is_in_training_mode():
    model = network()
    with batch_norm_in_training(model):
        assert modes(model) == [False, False, True, False, False]
    assert modes(model) == BEFORE


def test_modes_return_after_an_error():
    model = network().eval()
    model[2].train()
    before = modes(model)
    with pytest.raises(KeyError), batch_norm_in_training(model):
        raise KeyError
    assert modes(model) == before


def test_calibration_that_fails_leaves_modes_and_momentum():
    model = network()
    with pytest.raises(RuntimeError):
        calibrate_batch_norm(model, [torch.zeros(1, 5, 2, 2)])  # not 3 channels
    assert modes(model) == BEFORE
    assert model[1].momentum == 0.1
