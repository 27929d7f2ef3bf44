"""Checkpoints: what may be loaded, converted, named and exported."""

from .convert_reference import convert_reference_checkpoint
from .export_backbone import export_backbone
from .export_mmseg import PlainIds, export_mmseg, plain_ids
from .export_onnx import export_onnx
from .first_house_state import convert_label_free_state
from .pretrained import check_matches, read_run_checkpoint
from .run_checkpoints import (
    check_loaded,
    drop_centroids,
    lay_out_optimizer,
    name_clusters,
    store_matching,
)
from .stored_config import build_segmentor, stored_config
from .stored_matching import check_matching_source, read_matching

__all__ = [
    'PlainIds',
    'build_segmentor',
    'check_loaded',
    'check_matches',
    'check_matching_source',
    'convert_label_free_state',
    'convert_reference_checkpoint',
    'drop_centroids',
    'export_backbone',
    'export_mmseg',
    'export_onnx',
    'lay_out_optimizer',
    'name_clusters',
    'plain_ids',
    'read_matching',
    'read_run_checkpoint',
    'store_matching',
    'stored_config',
]
