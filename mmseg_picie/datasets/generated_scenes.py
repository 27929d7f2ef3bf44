"""Data set of the generated scenes."""

from pathlib import Path

from mmseg.registry import DATASETS

from ..errors import InputError, MissingFileError
from .base import OptionalLabelDataset
from .scenes.palette import SCENE_CLASSES, SCENE_PALETTE


@DATASETS.register_module()
class GeneratedScenes(OptionalLabelDataset):
    """Landscapes that ``tools/make_scenes.py`` drew, with their class maps.

    Layout: ``images/<split>/000000.png`` and ``annotations/<split>/000000.png``, class
    ids from 0, 255 where no class applies.

    Args:
        data_prefix: Folders of the images and class maps below ``data_root``; the
            train split by default.
        img_suffix: End of the images' names.
        seg_map_suffix: End of the class maps' names.
        **kwargs: As for :class:`OptionalLabelDataset`.

    Raises:
        MissingFileError: If the folder of images or class maps is missing.
        InputError: If no image is found.
    """

    METAINFO = {'classes': SCENE_CLASSES, 'palette': SCENE_PALETTE}

    def __init__(
        self,
        data_prefix: dict | None = None,
        img_suffix: str = '.png',
        seg_map_suffix: str = '.png',
        **kwargs,
    ) -> None:
        if data_prefix is None:
            data_prefix = {
                'img_path': 'images/train',
                'seg_map_path': 'annotations/train',
            }
        super().__init__(
            data_prefix=data_prefix,
            img_suffix=img_suffix,
            seg_map_suffix=seg_map_suffix,
            **kwargs,
        )

    def load_data_list(self) -> list[dict]:
        """Lists the scenes, in the order of their names.

        Returns:
            One dict per scene, as in :class:`OptionalLabelDataset`.
        """
        # Checked here, because the remedy is another one: the scenes have to be drawn.
        remedy = (
            f'draw the scenes with `python tools/make_scenes.py '
            f'{self.data_root or "ROOT"}` or correct data_root'
        )
        for folder in self.data_prefix.values():
            if folder and not Path(folder).is_dir():
                raise MissingFileError(
                    f'GeneratedScenes: {folder} does not exist; {remedy}'
                )
        if not self.ann_file and not self.list_images():
            raise InputError(
                f'GeneratedScenes: no {self.img_suffix} image in '
                f'{self.data_prefix["img_path"]}; {remedy}'
            )
        return super().load_data_list()
