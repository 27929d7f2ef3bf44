"""Cutting Potsdam's tiles, on small generated ones."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import loadmat

from mmseg_picie.cli import prepare_potsdam
from mmseg_picie.datasets.potsdam import Potsdam6Dataset
from mmseg_picie.datasets.preparation.potsdam import (
    LABELED_TILES,
    Tile,
    cut_tiles,
    find_tiles,
    plan_lists,
    read_image,
    read_labels,
)

REPOSITORY = Path(__file__).parents[2]
SIDES = (80, 10)  # of a tile and of a patch: 4 x 4 patches
# White road, blue building, cyan low vegetation, green tree, yellow car, red clutter.
COLORS = np.array(
    [
        [255, 255, 255],
        [0, 0, 255],
        [0, 255, 255],
        [0, 255, 0],
        [255, 255, 0],
        [255, 0, 0],
    ],
    np.uint8,
)


def save_rgbir(path, image, kind):
    """Writes four channels as TIFF writers name the fourth: opacity or nothing."""
    mode = {'opacity': 'RGBA', 'unspecified': 'RGBX'}[kind]
    size = (image.shape[1], image.shape[0])
    data = np.ascontiguousarray(image).tobytes()
    Image.frombuffer(mode, size, data, 'raw', mode, 0, 1).save(path)


@pytest.fixture()
def tiles(tmp_path):
    """Tiles 2_10 and 7_7 with labels, 2_13 without, as released; and their arrays."""
    rng = np.random.default_rng(0)
    root, arrays = tmp_path / 'raw', {}
    for folder in ('4_Ortho_RGBIR', '5_Labels_all'):
        (root / folder).mkdir(parents=True)
    for name in ('2_10', '7_7', '2_13'):
        image = rng.integers(0, 256, (80, 80, 4), np.uint8)
        ids = rng.integers(0, 6, (80, 80))
        start = f'top_potsdam_{name}'
        save_rgbir(root / f'4_Ortho_RGBIR/{start}_RGBIR.tif', image, 'unspecified')
        Image.fromarray(COLORS[ids]).save(root / f'5_Labels_all/{start}_label.tif')
        arrays[name] = image, ids
    return root, arrays


def cut(root, out, seed=0):
    found = find_tiles(root)
    lists = plan_lists(found, seed, *SIDES)
    return cut_tiles(found, out, lists, *SIDES), lists


def test_patches_are_squares_of_the_halved_tile(tiles, tmp_path):
    root, arrays = tiles
    written, _ = cut(root, tmp_path / 'out')
    assert written == 3 * 16 + 2 * 16
    image, ids = arrays['7_7']
    mean = image.reshape(40, 2, 40, 2, 4).mean((1, 3))
    patch = loadmat(tmp_path / 'out/imgs/7_7_03_01.mat')['img']
    assert patch.dtype == np.uint8 and patch.shape == (10, 10, 4)
    assert np.abs(patch - mean[30:40, 10:20]).max() <= 0.5
    labels = loadmat(tmp_path / 'out/gt/7_7_03_01.mat')['gt']
    assert labels.dtype == np.int32
    assert np.array_equal(labels, ids[::2, ::2][30:40, 10:20])


def test_lists_hold_every_patch_once_and_a_tenth_is_tested_on(tiles, tmp_path):
    root, _ = tiles
    _, lists = cut(root, tmp_path / 'out')
    assert {name: len(ids) for name, ids in lists.items()} == {
        'unlabelled_train': 16,
        'labelled_train': 28,
        'labelled_test': 4,
    }
    names = [i for ids in lists.values() for i in ids]
    files = {path.stem for path in (tmp_path / 'out/imgs').iterdir()}
    assert len(names) == len(set(names)) and set(names) == files
    assert all(i.startswith('2_13_') for i in lists['unlabelled_train'])
    for name, ids in lists.items():
        assert (tmp_path / f'out/{name}.txt').read_text().split() == ids


def test_the_lists_of_all_tiles_are_as_long_as_iics():
    # 38 tiles, of which IIC has labels of 24.
    others = '2_13 2_14 3_13 3_14 4_13 4_14 4_15 5_13 5_14 5_15 6_13 6_14 6_15 7_13'
    tiles = [Tile(n, Path(n), Path(n)) for n in sorted(LABELED_TILES)]
    tiles += [Tile(n, Path(n), None) for n in others.split()]
    lengths = [len(ids) for ids in plan_lists(tiles).values()]
    assert lengths == [3150, 4545, 855]


def test_the_seed_decides_the_split(tiles):
    found = find_tiles(tiles[0])
    first = plan_lists(found, 0, *SIDES)
    assert first == plan_lists(found, 0, *SIDES)
    assert first['labelled_test'] != plan_lists(found, 1, *SIDES)['labelled_test']


def test_a_second_run_writes_nothing_and_other_lists_are_refused(tiles, tmp_path):
    root, _ = tiles
    cut(root, tmp_path / 'out')
    assert cut(root, tmp_path / 'out')[0] == 0
    (tmp_path / 'out/gt/7_7_00_02.mat').unlink()
    assert cut(root, tmp_path / 'out')[0] == 16
    with pytest.raises(ValueError, match=r'labelled_train\.txt holds another list'):
        cut(root, tmp_path / 'out', seed=1)


@pytest.mark.parametrize(
    'color', [(250, 0, 250), (3, 8, 0), (255, 88, 0), (255, 168, 0), (128, 0, 0)]
)
def test_an_unknown_color_names_the_file(tiles, tmp_path, color):
    root, arrays = tiles
    picture = COLORS[arrays['2_10'][1]]
    picture[5, 7] = color
    path = root / '5_Labels_all/top_potsdam_2_10_label.tif'
    Image.fromarray(picture).save(path)
    with pytest.raises(
        ValueError,
        match=rf'2_10_label\.tif has 1 pixels .*{re.escape(str(color))} at row 5, '
        r'column 7; .*5_Labels_for_participants\.zip',
    ):
        cut(root, tmp_path / 'out')
    assert not (tmp_path / 'out/labelled_train.txt').exists()


def test_colors_near_the_palette_are_rounded(tmp_path):
    # (252, 255, 0) are the cars of the released tile 6_7.
    near = [(252, 255, 0), (169, 87, 87), (200, 190, 250), (20, 9, 180)]
    Image.fromarray(np.array([near] * 4, np.uint8).repeat(2, 1).repeat(2, 0)).save(
        tmp_path / 'label.tif'
    )
    assert read_labels(tmp_path / 'label.tif', 8).tolist() == [[4, 5, 0, 1]] * 4


@pytest.mark.parametrize('kind', ['opacity', 'unspecified'])
def test_infrared_is_read_whatever_the_file_calls_it(tmp_path, kind):
    image = np.random.default_rng(1).integers(0, 256, (20, 20, 4), np.uint8)
    image = image.repeat(2, 0).repeat(2, 1)
    save_rgbir(tmp_path / 'tile.tif', image, kind)
    assert np.array_equal(read_image(tmp_path / 'tile.tif', 40), image[::2, ::2])


def test_files_that_are_no_tiles_are_named(tiles, tmp_path):
    root, _ = tiles
    image = root / '4_Ortho_RGBIR/top_potsdam_2_10_RGBIR.tif'
    label = root / '5_Labels_all/top_potsdam_2_10_label.tif'
    with pytest.raises(ValueError, match=r'RGBIR\.tif must be \(6000, 6000, 4\)'):
        read_image(image)
    with pytest.raises(ValueError, match=r'label\.tif must be \(80, 80, 4\)'):
        read_image(label, 80)
    label.write_bytes(label.read_bytes()[:500])
    with pytest.raises(ValueError, match=r'label\.tif is not a whole TIFF'):
        read_labels(label, 80)
    label.unlink()
    with pytest.raises(FileNotFoundError, match=r'2_10_label\.tif .*\(1 of 2 label'):
        find_tiles(root)
    with pytest.raises(FileNotFoundError, match='unpack 4_Ortho_RGBIR.zip'):
        find_tiles(tmp_path / 'raw/5_Labels_all')


def test_sides_that_do_not_fit_are_refused(tiles):
    with pytest.raises(ValueError, match='multiple of 2 .* got 80 and 30'):
        plan_lists(find_tiles(tiles[0]), 0, 80, 30)


def test_the_tool_makes_what_the_data_set_reads(tiles, tmp_path, capsys, monkeypatch):
    root, arrays = tiles
    out = tmp_path / 'out'
    for function in (plan_lists, cut_tiles):
        small = partial(function, tile_side=SIDES[0], patch_side=SIDES[1])
        monkeypatch.setattr(prepare_potsdam, function.__name__, small)
    assert prepare_potsdam.main([str(root), str(out)]) == 0
    output = capsys.readouterr().out
    assert '3 of 38 tiles, 2 of 24 with labels' in output
    assert 'labelled_test.txt: 4 patches, IIC: 855' in output
    assert 'without a seed' in output
    dataset = Potsdam6Dataset(
        data_root=str(out),
        data_prefix=dict(img_path='imgs', seg_map_path='gt'),
        splits=('labelled_train', 'labelled_test'),
        pipeline=[
            dict(type='LoadMatImage'),
            dict(type='LoadMatAnnotations'),
            dict(type='RemapLabels'),
        ],
    )
    assert len(dataset) == 32
    sample = dataset[0]
    name, row, col = Path(sample['img_path']).stem.rsplit('_', 2)
    top, left = 10 * int(row), 10 * int(col)
    ids = arrays[name][1][::2, ::2][top : top + 10, left : left + 10]
    assert np.array_equal(sample['gt_seg_map'], ids)
    assert prepare_potsdam.main([str(tmp_path / 'none'), str(out)]) == 2
    assert 'error: ' in capsys.readouterr().err
