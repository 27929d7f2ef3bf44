"""The command line: one file a command, and what the commands share."""

from ..engine import silence_warnings
from . import (
    attention_maps,
    choose_k,
    convert_reference_checkpoint,
    export,
    export_backbone,
    linear_probe,
    make_scenes,
    name,
    prepare_coco_stuff27,
    prepare_potsdam,
    retrieve,
    store_matching,
    test,
    train,
)
from .config_edits import count_cpus, set_data_root
from .parser import Parser
from .run import run, run_command
from .train import make_train_parser

__all__ = [
    'Parser',
    'attention_maps',
    'choose_k',
    'convert_reference_checkpoint',
    'count_cpus',
    'export',
    'export_backbone',
    'linear_probe',
    'make_scenes',
    'make_train_parser',
    'name',
    'prepare_coco_stuff27',
    'prepare_potsdam',
    'retrieve',
    'run',
    'run_command',
    'set_data_root',
    'silence_warnings',
    'store_matching',
    'test',
    'train',
]
