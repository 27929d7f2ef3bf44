"""Checkpoints: what may be loaded, converted, named and exported."""

from .config_differences import Difference, config_differences
from .convert_reference import convert_reference_checkpoint
from .convert_stego import (
    ConvertedStego,
    convert_stego_checkpoint,
)
from .convert_weights import METHODS as CONVERTED_METHODS
from .convert_weights import ConvertedWeights, convert_weights
from .export_backbone import export_backbone
from .export_mmseg import PlainIds, export_mmseg, plain_ids
from .export_onnx import export_onnx
from .first_house_state import convert_label_free_state
from .loading_checks import check_loading
from .loading_log import log_loading
from .name_checkpoint import check_out, check_weights, count_clusters, name_checkpoint
from .name_sources import REST, UNSEEN, names_by_majority, names_from_settings
from .names import ClusterName, Names
from .names_file import read_names, write_names
from .newest_checkpoint import checkpoints_by_step, newest_checkpoint
from .packaged_weights import PACKAGES as PACKAGED_WEIGHTS
from .packaged_weights import packaged_file
from .pretrained import check_matches, read_run_checkpoint
from .run_checkpoints import (
    check_loaded,
    drop_centroids,
    lay_out_optimizer,
    name_clusters,
)
from .run_folder import find_checkpoint
from .run_record import RunRecord, write_last
from .split_checkpoint import part_ids, save_split
from .store_matching import store_matching
from .stored_config import (
    build_segmentor,
    prediction_model,
    stored_config,
    stored_resize,
)
from .stored_matching import check_matching_source, read_matching
from .transformers_weights import load_from_transformers
from .weights_hash import weights_hash

__all__ = [
    'checkpoints_by_step',
    'CONVERTED_METHODS',
    'ConvertedStego',
    'ConvertedWeights',
    'ClusterName',
    'Difference',
    'Names',
    'PACKAGED_WEIGHTS',
    'PlainIds',
    'REST',
    'RunRecord',
    'UNSEEN',
    'build_segmentor',
    'check_loaded',
    'check_loading',
    'check_matches',
    'check_matching_source',
    'check_out',
    'check_weights',
    'config_differences',
    'convert_label_free_state',
    'convert_reference_checkpoint',
    'convert_stego_checkpoint',
    'convert_weights',
    'count_clusters',
    'drop_centroids',
    'export_backbone',
    'export_mmseg',
    'export_onnx',
    'find_checkpoint',
    'lay_out_optimizer',
    'load_from_transformers',
    'log_loading',
    'name_checkpoint',
    'name_clusters',
    'names_by_majority',
    'names_from_settings',
    'newest_checkpoint',
    'packaged_file',
    'part_ids',
    'plain_ids',
    'prediction_model',
    'read_matching',
    'read_names',
    'read_run_checkpoint',
    'save_split',
    'store_matching',
    'stored_config',
    'stored_resize',
    'weights_hash',
    'write_last',
    'write_names',
]
