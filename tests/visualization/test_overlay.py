import cv2
import numpy as np
import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.visualization import draw_overlay, panel_size, read_for_display
from mmseg_picie.visualization.display_image import fit_size, show_mask
from mmseg_picie.visualization.overlay import GAP, LEAST_WIDTH, edges

PALETTE = [[250, 20, 30], [20, 60, 240]]


def overlay(image, ids):
    areas = {0: int((ids == 0).sum()), 1: int((ids == 1).sum())}
    return draw_overlay(image, ids, areas, ['a', 'b'], PALETTE)


@pytest.mark.parametrize(
    'size, expected',
    [
        ((120, 120), (480, 480)),
        ((300, 262), (480, 419)),
        ((500, 700), (500, 700)),
        ((4000, 6000), (531, 796)),
        ((1000, 6000), (267, 1600)),
        ((6000, 3), (796, 1)),
    ],
)
def test_small_images_are_enlarged_and_large_ones_reduced(size, expected):
    assert panel_size(size) == expected


def test_nothing_covers_the_image():
    image = np.random.default_rng(0).integers(0, 255, (400, 480, 3), np.uint8)
    drawn = overlay(image, np.zeros((400, 480), np.uint8))
    assert np.array_equal(drawn[:400, :480], image)
    assert (drawn[:400, 480 : 480 + GAP] == 255).all()


def test_pixels_under_a_class_have_its_hue():
    image = np.full((480, 480, 3), (40, 200, 90), np.uint8)
    ids = np.repeat(np.array([[0, 1]], np.uint8), 240, 1).repeat(480, 0)
    painted = overlay(image, ids)[:480, 480 + GAP :]
    for column, color in ((100, PALETTE[0]), (380, PALETTE[1])):
        pair = np.array([[painted[200, column], color[::-1]]], np.uint8)
        hues = cv2.cvtColor(pair, cv2.COLOR_BGR2HSV)[0, :, 0].astype(int)
        assert abs(hues[0] - hues[1]) <= 3


def test_pixels_without_class_keep_their_look():
    image = np.random.default_rng(0).integers(0, 255, (480, 480, 3), np.uint8)
    drawn = overlay(image, np.full((480, 480), 255, np.uint8))
    assert np.array_equal(drawn[:480, 480 + GAP :], image)


def test_wide_images_are_put_below_each_other():
    image = np.full((100, 1600, 3), 7, np.uint8)
    drawn = overlay(image, np.full((100, 1600), 255, np.uint8))
    assert drawn.shape[1] == 1600
    assert (drawn[:100] == 7).all() and (drawn[100 + GAP : 200 + GAP] == 7).all()


def test_a_narrow_image_has_room_for_its_legend():
    drawn = overlay(np.zeros((480, 4, 3), np.uint8), np.zeros((480, 4), np.uint8))
    assert drawn.shape[1] == LEAST_WIDTH


def test_edges_are_where_neighbors_differ():
    ids = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 2]])
    expected = [[0, 1, 0], [1, 1, 1], [0, 0, 0]]
    assert edges(ids, ids.shape).astype(int).tolist() == expected


def test_enlarged_masks_have_square_pixels():
    ids = np.array([[0, 1], [255, 0]], np.uint8)
    colors, known = show_mask(ids, PALETTE, (6, 6))
    expected = np.array([*PALETTE, [0, 0, 0]])[[[0, 1], [2, 0]]][..., ::-1]
    assert np.array_equal(colors, expected.repeat(3, 0).repeat(3, 1))
    assert np.array_equal(known[..., 0], (ids < 2).repeat(3, 0).repeat(3, 1))


def test_reduced_masks_are_mixtures():
    ids = np.tile(np.array([[0, 1]], np.uint8), (4, 4))
    colors, _ = show_mask(ids, PALETTE, (2, 4))
    assert np.allclose(colors, np.mean(PALETTE, 0)[::-1], atol=1)


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
@pytest.mark.parametrize('size', [(50, 60), (99, 203), (380, 810)])
def test_a_file_is_shown_as_opencv_reads_it(tmp_path, suffix, size):
    ramp = np.linspace(0, 255, 811)[None].repeat(397, 0)
    image = np.stack([ramp, ramp[:, ::-1], np.full_like(ramp, 80)], -1).astype(np.uint8)
    path = tmp_path / f'x{suffix}'
    cv2.imwrite(str(path), image)
    shown = read_for_display(path, (397, 811), size)
    expected = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
    assert shown.shape == (*size, 3)
    assert np.abs(shown.astype(int) - expected).max() < 6


def test_a_file_is_turned_as_its_exif_says(tmp_path):
    from PIL import Image

    stored = Image.fromarray(np.arange(0, 240, 4, np.uint8).reshape(6, 10))
    exif = Image.Exif()
    exif[0x0112] = 6
    stored.save(tmp_path / 'x.jpg', exif=exif, quality=100)
    shown = read_for_display(tmp_path / 'x.jpg', (10, 6), (10, 6))
    expected = np.rot90(np.array(stored), -1)
    assert np.abs(shown[..., 0].astype(int) - expected).max() < 9


def test_an_image_of_another_size_is_refused(tmp_path):
    cv2.imwrite(str(tmp_path / 'x.png'), np.zeros((40, 30, 3), np.uint8))
    with pytest.raises(ValueError, match='not the size of its mask'):
        read_for_display(tmp_path / 'x.png', (30, 40), (30, 40))


def test_a_file_that_is_no_image_is_refused(tmp_path):
    (tmp_path / 'x.png').write_text('no image')
    with pytest.raises(InputError, match='x.png cannot be decoded'):
        read_for_display(tmp_path / 'x.png', (30, 40), (30, 40))


def test_sides_are_at_least_one_pixel():
    assert fit_size((1, 9000), 100, 800) == (1, 800)
