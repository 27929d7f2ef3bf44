"""Images that are read and written by parts equal those that are read whole."""

import json
import sys

import cv2
import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from mmseg_picie.errors import InputError
from mmseg_picie.files import Raster
from mmseg_picie.inference import Segmenter, input_images, write_masks
from mmseg_picie.inference import input_images as module_function
from mmseg_picie.inference.tiles import tiles

rasterio = pytest.importorskip('rasterio')
SIZE = (700, 900)
CRS, TRANSFORM = 'EPSG:32633', (5e5, 0.5, 0.0, 5e6, 0.0, -0.25)
PARTS = sys.modules[module_function.__module__]


@pytest.fixture(scope='module')
def segmenter(trained):
    return Segmenter(trained / 'epoch_1.pth', 'cpu')


@pytest.fixture
def large(monkeypatch):
    """Images of half a megapixel are large."""
    monkeypatch.setattr(PARTS, 'LARGE', 500_000)


@pytest.fixture(scope='module')
def pixels():
    coarse = np.random.default_rng(0).integers(0, 255, (14, 18, 3)).astype('u1')
    return cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def images(tmp_path, pixels):
    """A folder with a large GeoTIFF."""
    (tmp_path / 'images' / 'deep').mkdir(parents=True)
    write_tiff(tmp_path / 'images' / 'deep' / 'map.tif', pixels)
    return tmp_path / 'images'


def write_tiff(path, pixels, crs=CRS, **options):
    options |= dict(height=pixels.shape[0], width=pixels.shape[1], count=3, crs=crs)
    transform = rasterio.transform.Affine.from_gdal(*TRANSFORM)
    with rasterio.open(
        path, 'w', 'GTiff', dtype='uint8', transform=transform, **options
    ) as f:
        f.write(pixels[..., ::-1].transpose(2, 0, 1))


def tiled_in_memory(segmenter, pixels, side):
    """Each tile as an image of its own, put together as tiles() says."""
    mask = np.zeros(pixels.shape[:2], 'u1')
    for tile in tiles(pixels.shape[:2], side):
        part = np.ascontiguousarray(pixels[tile.read][..., ::-1])
        mask[tile.write] = segmenter.predict(part)[tile.inner]
    return mask


def test_parts_give_every_pixel_and_its_place(
    segmenter, images, pixels, tmp_path, large
):
    written = write_masks(
        segmenter, list(input_images(images)), tmp_path / 'out', tile=256
    )
    assert (written.written, written.unreadable) == (1, [])
    found = [
        p.relative_to(tmp_path / 'out').as_posix() for p in tmp_path.rglob('out/**/*.*')
    ]
    assert sorted(found) == ['masks/classes.csv', 'masks/deep/map.tif', 'predict.json']
    expected = tiled_in_memory(segmenter, pixels, 256)
    assert len(np.unique(expected)) > 1
    path = tmp_path / 'out' / 'masks' / 'deep' / 'map.tif'
    read = Image.open(path)
    assert np.array_equal(np.array(read), expected)
    colors = np.array(segmenter.palette, 'u1')[expected]
    assert np.array_equal(np.array(read.convert('RGB')), colors)
    # As the TIFF and GeoTIFF tags say it, without GDAL.
    scale, point = read.tag_v2[33550], read.tag_v2[33922]
    assert scale[:2] == (0.5, 0.25) and point[3:5] == (5e5, 5e6)
    assert 32633 in read.tag_v2[34735]
    with rasterio.open(path) as file:
        assert file.crs.to_epsg() == 32633
        assert file.transform.to_gdal() == TRANSFORM
    written = write_masks(
        segmenter, list(input_images(images)), tmp_path / 'out', tile=256
    )
    assert (written.written, written.there) == (0, 1)


def test_segmenter_reads_by_parts_too(segmenter, images, pixels, large, monkeypatch):
    path = images / 'deep' / 'map.tif'
    whole = tiled_in_memory(segmenter, pixels, 1024)
    monkeypatch.setattr(PARTS, 'read_image', None)
    assert np.array_equal(segmenter.predict(path), whole)


def test_only_some_rows_are_in_memory(segmenter, images, tmp_path, large, monkeypatch):
    asked = []
    read = Raster._read

    def watch(raster, rows):
        asked.append((rows.start, rows.stop))
        return read(raster, rows)

    monkeypatch.setattr(Raster, '_read', watch)
    write_masks(segmenter, list(input_images(images)), tmp_path / 'out', tile=256)
    starts = sorted({tile.read[0].start for tile in tiles(SIZE, 256)})
    assert asked == [(start, start + 256) for start in starts]


def test_other_formats_hold_the_same_mask(segmenter, images, pixels, tmp_path, large):
    write_masks(
        segmenter,
        list(input_images(images)),
        tmp_path / 'out',
        ('png', 'npz', 'coco'),
        tile=256,
    )
    expected = tiled_in_memory(segmenter, pixels, 256)
    mask = np.array(Image.open(tmp_path / 'out' / 'masks' / 'deep' / 'map.tif'))
    assert np.array_equal(mask, expected)
    with np.load(tmp_path / 'out' / 'npz' / 'deep' / 'map.npz') as arrays:
        assert np.array_equal(arrays['class_ids'], expected)
        assert arrays['confidence'].shape == SIZE
    coco = COCO(tmp_path / 'out' / 'coco.json')
    for part in coco.anns.values():
        inside = coco.annToMask(part).astype(bool)
        assert np.array_equal(inside, expected == part['category_id'] - 1)


def test_small_geotiff_has_a_png_with_its_place_beside_it(segmenter, images, tmp_path):
    write_masks(segmenter, list(input_images(images)), tmp_path / 'out')
    path = tmp_path / 'out' / 'masks' / 'deep' / 'map.png'
    mask = segmenter.predict(images / 'deep' / 'map.tif')
    with rasterio.open(path) as file:
        assert np.array_equal(file.read(1), mask)
        assert file.crs.to_epsg() == 32633
        assert file.transform.to_gdal() == TRANSFORM


def test_image_that_ends_or_is_no_picture_is_listed(
    segmenter, images, pixels, tmp_path, large
):
    path = images / 'deep' / 'map.tif'
    path.write_bytes(path.read_bytes()[:1_000_000])
    with rasterio.open(
        images / 'heights.tif', 'w', 'GTiff', 900, 700, 1, dtype='float32'
    ) as file:
        file.write(np.zeros((1, 700, 900), 'f4'))
    cv2.imwrite(str(images / 'small.png'), pixels[:50, :60])
    written = write_masks(
        segmenter, list(input_images(images)), tmp_path / 'out', tile=256
    )
    assert written.written == 1
    reasons = dict(written.unreadable)
    assert 'values of float32' in reasons['heights.tif']
    assert 'cannot be read in rows' in reasons['deep/map.tif']
    masks = [p.name for p in (tmp_path / 'out' / 'masks').rglob('*.*')]
    assert sorted(masks) == ['classes.csv', 'small.png']


def test_image_without_rasterio_is_read_whole(
    segmenter, images, tmp_path, large, monkeypatch
):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    write_masks(segmenter, list(input_images(images)), tmp_path / 'out', tile=256)
    found = [p.name for p in (tmp_path / 'out' / 'masks' / 'deep').iterdir()]
    assert found == ['map.png']


def test_image_beyond_the_limit_of_opencv_names_rasterio(tmp_path, monkeypatch):
    # A header alone: no block is written.
    options = dict(dtype='uint8', height=33_000, width=33_000, count=1, sparse_ok=True)
    rasterio.open(tmp_path / 'a.tif', 'w', 'GTiff', **options).close()
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(InputError, match=r'mmseg_picie\[geo\].*rasterio'):
        next(input_images(tmp_path / 'a.tif')).read()


@pytest.mark.parametrize('name', ['a.png', 'a.tif'])
def test_two_images_of_one_name_are_refused(segmenter, tmp_path, pixels, name):
    for folder in ('x', 'y'):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / name), pixels[:50, :60])
    images = list(input_images([tmp_path / 'x' / name, tmp_path / 'y' / name]))
    with pytest.raises(InputError, match=f'2 images are called {name}'):
        write_masks(segmenter, images, tmp_path / 'out')


def test_record_that_is_none_is_refused(segmenter, images, tmp_path):
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / 'predict.json').write_text(json.dumps([1]))
    with pytest.raises(InputError, match='no record of masks'):
        write_masks(segmenter, list(input_images(images)), tmp_path / 'out')
