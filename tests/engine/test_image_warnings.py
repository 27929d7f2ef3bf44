"""What a training says of images that are few or small."""

import cv2
import numpy as np
import pytest
from mmengine.runner import Runner
from small_run import write_camvid

from mmseg_picie.engine.rounds.image_warnings import (
    few_images,
    fitting_size,
    short_side,
    spread,
    warn_of_images,
)


@pytest.fixture
def warnings_of(config, monkeypatch):
    """Warnings of a runner of the small config, its data at ``root`` if given."""

    def warnings(root=None, size=64, wrap=None, clusters=4):
        cfg = config()
        cfg.model.decode_head.num_clusters = clusters
        dataset = cfg.train_dataloader.dataset
        dataset.pipeline[1].size = size
        if root is not None:
            dataset.data_root = str(root)
        if wrap:
            cfg.train_dataloader.dataset = dict(wrap, dataset=dataset)
        runner = Runner.from_cfg(cfg)
        said = []
        monkeypatch.setattr(runner.logger, 'warning', said.append)
        warn_of_images(runner)
        return said

    return warnings


def write_images(root, count, shape):
    write_camvid(root, num_train=count)
    image = np.full((*shape, 3), 90, np.uint8)
    for path in (root / 'img').iterdir():
        cv2.imwrite(str(path), image)


def test_three_images_for_27_clusters_are_warned_of(warnings_of, tmp_path):
    write_images(tmp_path / 'few', 3, (64, 80))
    (line,) = warnings_of(tmp_path / 'few', clusters=27)
    assert line.startswith('3 images are few for 27 clusters')
    assert line.endswith(
        'add images, or lower model.decode_head.num_clusters, which is 27'
    )


@pytest.mark.parametrize(('count', 'warned'), [(19, True), (20, False)])
def test_twenty_images_are_enough(warnings_of, tmp_path, count, warned):
    write_images(tmp_path / 'data', count, (64, 80))
    assert bool(warnings_of(tmp_path / 'data')) == warned
    assert (few_images(count, 5) is not None) == warned


@pytest.mark.parametrize(
    ('size', 'said'), [(320, True), ((320, 480), True), (151, True), (150, False)]
)
@pytest.mark.parametrize('wrap', [None, dict(type='RepeatDataset', times=2)])
def test_images_that_are_blown_up_are_warned_of(
    warnings_of, tmp_path, size, said, wrap
):
    write_images(tmp_path / 'small', 20, (180, 120))
    lines = warnings_of(tmp_path / 'small', size=size, wrap=wrap)
    assert len(lines) == said
    if said:
        seen = size if isinstance(size, int) else 320
        assert (
            f'images are about 120 px and the network sees them at {seen} px'
            in lines[0]
        )
        assert 'lower train_dataloader.dataset.pipeline.1.size' in lines[0]
        assert lines[0].endswith('to 96')


def test_short_side_is_the_median_of_what_can_be_read(tmp_path):
    paths = []
    for index, shape in enumerate([(50, 90), (70, 60), (200, 100)]):
        paths.append(tmp_path / f'{index}.png')
        cv2.imwrite(str(paths[-1]), np.zeros(shape, np.uint8))
    (tmp_path / 'broken.png').write_bytes(b'no image')
    assert short_side([*paths, tmp_path / 'broken.png']) == 60
    assert short_side([tmp_path / 'broken.png', tmp_path / 'none.png']) is None


@pytest.mark.parametrize('side', [1, 64, 95, 96, 120, 320, 1000])
def test_fitting_size_is_the_largest_multiple_of_32_that_enlarges_nothing(side):
    size = fitting_size(side)
    assert size % 32 == 0
    assert size == 64 if side < 64 else size <= side < size + 32


def test_items_are_spread_evenly():
    assert list(spread(range(1000), 4)) == [0, 250, 500, 750]
    assert list(spread(range(3), 4)) == [0, 1, 2]
