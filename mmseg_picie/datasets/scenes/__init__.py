"""Landscapes drawn by rule: images with exact class maps, nothing downloaded."""

from .drawing import DEFAULT_SIZE, draw_scene
from .palette import SCENE_CLASSES, SCENE_PALETTE
from .writing import DEFAULT_COUNTS, SETTINGS_FILE, generate_scenes, scene_index

__all__ = [
    'DEFAULT_COUNTS',
    'DEFAULT_SIZE',
    'SCENE_CLASSES',
    'SCENE_PALETTE',
    'SETTINGS_FILE',
    'draw_scene',
    'generate_scenes',
    'scene_index',
]
