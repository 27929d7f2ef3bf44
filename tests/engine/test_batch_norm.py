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


def network():
    model = Network(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout()).train()
    model[1].eval()  # as norm_eval does
    return model


def modes(model):
    return [module.training for module in model.modules()]


def test_modes_return_after_an_error():
    model = network()
    before = modes(model)
    with pytest.raises(KeyError), batch_norm_in_training(model):
        assert modes(model) == [False, False, True, False]
        raise KeyError
    assert modes(model) == before == [True, True, False, True]


def test_calibration_that_fails_leaves_modes_and_momentum():
    model = network()
    with pytest.raises(RuntimeError):
        calibrate_batch_norm(model, [torch.zeros(1, 5, 2, 2)])  # not 3 channels
    assert modes(model) == [True, True, False, True]
    assert model[1].momentum == 0.1
