"""TIFF files by parts: the pixels OpenCV gives, the place, what is refused."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mmseg_picie.errors import InputError
from mmseg_picie.files import Place, Raster, open_raster, place_xml, write_id_tiff

rasterio = pytest.importorskip('rasterio')
PALETTE = [(230, 20, 30), (40, 220, 60)]
SIZE = (70, 90)


def write(path, bands, **options):
    """A TIFF file of (bands, height, width)."""
    count, height, width = bands.shape
    options |= dict(driver='GTiff', count=count, height=height, width=width)
    with rasterio.open(path, 'w', dtype=bands.dtype, **options) as file:
        file.write(bands)


def draw(count, dtype='u1', seed=0):
    most = np.iinfo(dtype).max
    rng = np.random.default_rng(seed)
    return rng.integers(0, most, (count, *SIZE), endpoint=True).astype(dtype)


@pytest.mark.parametrize('layout', [{}, dict(tiled=True, blockxsize=32, blockysize=32)])
@pytest.mark.parametrize(
    'bands, options',
    [
        (draw(3), dict(photometric='RGB')),
        (draw(3, 'u2'), dict(photometric='RGB')),
        (draw(3), dict(photometric='RGB', compress='deflate', interleave='band')),
        (draw(4), dict(photometric='CMYK')),
        (draw(1), {}),
    ],
)
def test_parts_are_those_of_opencv(tmp_path, bands, options, layout):
    path = tmp_path / 'a.tif'
    write(path, bands, **options, **layout)
    whole = cv2.imread(str(path), cv2.IMREAD_COLOR)
    with Raster(path) as raster:
        assert raster.shape == whole.shape
        raster.require_image()
        for rows, columns in (
            ((0, 40), (5, 90)),
            ((0, 40), (0, 7)),
            ((33, 70), (1, 2)),
        ):
            part = slice(*rows), slice(*columns)
            assert np.array_equal(raster[part], whole[part])


@pytest.mark.parametrize('count', [1, 2, 3])
def test_16_bits_are_divided_by_257(tmp_path, count):
    bands = draw(count, 'u2')
    write(tmp_path / 'a.tif', bands)
    with Raster(tmp_path / 'a.tif') as raster:
        found = raster[tuple(slice(0, side) for side in SIZE)]
    expected = np.round(bands / 257)
    for channel in range(3):
        band = expected[2 - channel if count == 3 else 0]
        assert np.array_equal(found[..., channel], band)


def test_alpha_is_black_where_it_is_0_and_a_fourth_band_is_left_out(tmp_path):
    bands = draw(4)
    bands[3] = 255
    bands[3, :, 30:] = 0
    everything = tuple(slice(0, side) for side in SIZE)
    write(tmp_path / 'alpha.tif', bands, photometric='RGB', alpha='yes')
    write(tmp_path / 'near.tif', bands, photometric='RGB', alpha='unspecified')
    colors = bands[2::-1].transpose(1, 2, 0)
    with Raster(tmp_path / 'alpha.tif') as raster:
        found = raster[everything]
    assert np.array_equal(found, cv2.imread(str(tmp_path / 'alpha.tif')))
    assert np.array_equal(found[:, :30], colors[:, :30]) and not found[:, 30:].any()
    with Raster(tmp_path / 'near.tif') as raster:
        assert np.array_equal(raster[everything], colors)


@pytest.mark.parametrize(
    'bands, options, words',
    [
        (draw(5), {}, 'a.tif has 5 bands'),
        (draw(1).astype('f4'), {}, 'a.tif has values of float32'),
        (draw(3, 'i2'), {}, 'a.tif has values of int16'),
        (draw(1), dict(photometric='palette'), 'a.tif has palette colors'),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path, bands, options, words):
    write(tmp_path / 'a.tif', bands, **options)
    with Raster(tmp_path / 'a.tif') as raster:
        with pytest.raises(InputError, match=f'{words}.*gdal_translate'):
            raster.require_image()


def test_turned_image_is_refused_and_has_no_place(tmp_path):
    Image.fromarray(draw(1)[0]).save(tmp_path / 'a.tif', tiffinfo={274: 6})
    with Raster(tmp_path / 'a.tif') as raster:
        assert raster.place is None
        with pytest.raises(InputError, match='is to be turned'):
            raster.require_image()


def test_only_tiff_files_are_opened(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), draw(1)[0])
    assert open_raster(tmp_path / 'a.png') is None
    assert open_raster(None) is None
    (tmp_path / 'broken.TIF').write_bytes(b'no image')
    with pytest.raises(InputError, match='broken.TIF cannot be opened'):
        open_raster(tmp_path / 'broken.TIF')


def test_truncated_file_is_an_input_error_where_it_ends(tmp_path):
    path = tmp_path / 'a.tif'
    write(path, draw(3), photometric='RGB')
    path.write_bytes(path.read_bytes()[:9000])
    with Raster(path) as raster:
        with pytest.raises(InputError, match='a.tif cannot be read in rows 40 to 70'):
            raster[40:70, 0:9]


@pytest.fixture
def placed(tmp_path):
    """A file with a place, as its maker gave it."""
    crs = rasterio.crs.CRS.from_epsg(32633)
    transform = rasterio.transform.from_origin(500_000, 5e6, 0.5, 0.25)
    write(tmp_path / 'map.tif', draw(3), crs=crs, transform=transform)
    return tmp_path / 'map.tif', crs, transform


@pytest.mark.parametrize('dtype', ['u1', 'u2'])
@pytest.mark.parametrize('steps', [(70,), (1, 69), (30, 30, 10)])
def test_ids_are_read_back_with_their_place(placed, tmp_path, dtype, steps):
    path, crs, transform = placed
    with Raster(path) as raster:
        place = raster.place
    ids = np.random.default_rng(1).integers(0, 2, (700, 90)).astype(dtype)
    ignore = np.iinfo(dtype).max
    ids[5, 7] = ignore
    rows = np.split(ids, np.cumsum([10 * step for step in steps])[:-1])
    write_id_tiff(tmp_path / 'ids.tif', ids.shape, rows, ignore, PALETTE, place)
    with rasterio.open(tmp_path / 'ids.tif') as file:
        assert np.array_equal(file.read(1), ids)
        assert file.crs == crs and file.transform == transform
        assert file.nodata == ignore and file.block_shapes == [(256, 256)]
    read = Image.open(tmp_path / 'ids.tif')  # a reader of its own
    assert np.array_equal(np.array(read), ids)
    if dtype == 'u1':
        colors = np.array(read.convert('RGB'))
        assert colors[5, 7].tolist() == [0, 0, 0]
        for index, color in enumerate(PALETTE):
            assert (colors[ids == index] == color).all()


def test_file_that_fails_leaves_nothing(tmp_path):
    def rows():
        yield np.zeros((300, 90), np.uint8)
        raise InputError('the image ends here')

    with pytest.raises(InputError, match='ends here'):
        write_id_tiff(tmp_path / 'ids.tif', (700, 90), rows(), 255, PALETTE, None)
    assert not list(tmp_path.iterdir())


def test_place_beside_a_png_is_read_by_gdal(placed, tmp_path):
    path, crs, transform = placed
    with Raster(path) as raster:
        place = raster.place
    Image.fromarray(draw(1)[0]).save(tmp_path / 'a.png')
    (tmp_path / 'a.png.aux.xml').write_bytes(place_xml(place))
    with rasterio.open(tmp_path / 'a.png') as file:
        assert file.crs == crs and file.transform == transform
    # Numbers alone, of an image in coordinates that nobody knows.
    (tmp_path / 'a.png.aux.xml').write_bytes(place_xml(Place('', place.transform)))
    with rasterio.open(tmp_path / 'a.png') as file:
        assert file.crs is None and file.transform == transform
