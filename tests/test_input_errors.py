"""What is an error of the input, and what stays a traceback."""

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import build_from_cfg
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from mmseg_picie.checkpoints.pretrained import check_matches
from mmseg_picie.cli.config_edits import set_data_root
from mmseg_picie.cli.input_errors import input_error
from mmseg_picie.clustering.minibatch import MiniBatchKMeans
from mmseg_picie.models.segmentors.picie import to_points


class Picky:
    """As a constructor of mmseg: an assertion without words, a KeyError, a bug."""

    def __init__(self, depth=1):
        if depth == 2:
            raise AssertionError
        if depth == 3:
            raise KeyError('invalid depth 3')
        if depth == 4:
            self.later()

    def later(self):
        raise ValueError('a bug')


def build(**settings):
    return build_from_cfg(dict(type=Picky, **settings), HOOKS)


def message(call, *args, **kwargs):
    with pytest.raises(Exception) as caught:
        call(*args, **kwargs)
    return input_error(caught.value)


def test_our_checks_are_input_errors_and_our_bugs_are_not():
    assert 'not an existing folder' in message(set_data_root, Config({}), 'no/folder')
    # check_matches on no module: an AttributeError or KeyError in our own code
    assert message(check_matches, None, {}, 'file', 'remedy') is None
    assert message(set_data_root, None, '.') is None  # a TypeError


def test_our_runtime_errors_are_input_errors_and_those_of_torch_are_not():
    kmeans = MiniBatchKMeans(2, seed=0)
    assert 'initialize' in message(kmeans.predict, torch.zeros(3, 2))
    assert message(to_points, torch.zeros(3, 2, 4)) is None  # permute fails in it


def test_a_constructor_that_refuses_a_config_is_an_input_error():
    text = message(build, depth=3)
    assert text == 'Picky refuses its settings in the config: invalid depth 3'
    assert 'raise AssertionError' in message(build, depth=2)
    assert 'width' in message(build, width=2)
    assert message(build, depth=4) is None
    assert message(Picky, depth=3) is None  # nobody's config


def test_a_setting_that_a_loader_lacks_is_an_input_error():
    loader = dict(dataset=[1], sampler=None, batch_size=1, color='red')
    assert "'color'" in message(Runner.build_dataloader, loader)
    loader = dict(dataset=[1], sampler=None, batch_size=0)
    assert 'DataLoader refuses' in message(Runner.build_dataloader, loader)
