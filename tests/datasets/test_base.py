"""Lists, optional annotations and errors of the common base."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.base import OptionalLabelDataset

LOAD = [dict(type='LoadImageFromFile')]
LOAD_BOTH = [*LOAD, dict(type='LoadAnnotations'), dict(type='RemapLabels')]
FOLDERS = dict(img_path='img', seg_map_path='ann')
METAINFO = dict(classes=('a', 'b', 'c'))


class ThreeClasses(OptionalLabelDataset):
    METAINFO = dict(
        classes=('a', 'b', 'c'),
        palette=[[1, 1, 1], [2, 2, 2], [3, 3, 3]],
        partitions=dict(low=(0, 1), high=(2,)),
    )


@pytest.fixture()
def root(tmp_path):
    """Three images with labels: img/{b,sub/a,c}.jpg, ann/*.png of ids 0-2."""
    rng = np.random.default_rng(0)
    for name in ('b', 'sub/a', 'c'):
        for folder, suffix, shape, top in (
            ('img', '.jpg', (20, 30, 3), 256),
            ('ann', '.png', (20, 30), 3),
        ):
            path = tmp_path / folder / (name + suffix)
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), rng.integers(0, top, shape, np.uint8))
    return tmp_path


def build(root, kind=OptionalLabelDataset, pipeline=LOAD, **kwargs):
    kwargs = dict(data_prefix=FOLDERS, metainfo=METAINFO) | kwargs
    return kind(data_root=str(root), pipeline=pipeline, **kwargs)


def names(dataset, root):
    paths = [dataset.get_data_info(i)['img_path'] for i in range(len(dataset))]
    return [path.removeprefix(f'{root}/img/') for path in paths]


def test_all_images_are_listed_by_path_and_found_with_their_labels(root):
    dataset = build(root, pipeline=LOAD_BOTH)
    assert names(dataset, root) == ['b.jpg', 'c.jpg', 'sub/a.jpg']
    for sample in dataset:
        path = sample['img_path'].replace('/img/', '/ann/').replace('.jpg', '.png')
        assert np.array_equal(sample['gt_seg_map'], cv2.imread(path, 0))
    assert [dataset[i]['sample_idx'] for i in range(3)] == [0, 1, 2]


def test_a_list_gives_the_order_with_or_without_suffix(root):
    (root / 'list.txt').write_text('sub/a\r\n\nc.jpg\n')
    dataset = build(root, ann_file='list.txt')
    assert names(dataset, root) == ['sub/a.jpg', 'c.jpg']
    assert dataset.get_data_info(1)['seg_map_path'] == f'{root}/ann/c.png'


@pytest.mark.parametrize('prefix', [FOLDERS, dict(img_path='img')])
def test_training_needs_no_annotations(root, prefix):
    for path in (root / 'ann').rglob('*.png'):
        path.unlink()
    dataset = build(root, data_prefix=prefix)
    assert [sample['img'].shape for sample in dataset] == [(20, 30, 3)] * 3


def test_a_missing_annotation_is_named_before_anything_runs(root):
    (root / 'ann/c.png').unlink()
    message = r'annotation .*ann/c\.png.*put it.*1 of 3'
    with pytest.raises(FileNotFoundError, match=message):
        build(root, pipeline=LOAD_BOTH)
    with pytest.raises(ValueError, match='data_prefix has no seg_map_path; add'):
        build(root, pipeline=LOAD_BOTH, data_prefix=dict(img_path='img'))
    (root / 'list.txt').write_text('b\nsub/a\n')
    assert len(build(root, pipeline=LOAD_BOTH, ann_file='list.txt')) == 2


def test_an_annotation_that_goes_missing_is_named_where_it_is_loaded(root):
    dataset = build(root, pipeline=LOAD_BOTH)
    (root / 'ann/c.png').unlink()
    with pytest.raises(FileNotFoundError, match=r'annotation .*ann/c\.png.*put it'):
        dataset[1]


def test_a_missing_mask_is_not_taken_for_an_annotation(root):
    pipeline = [*LOAD, dict(type='LoadIgnoreMask', mask_dir=str(root / 'masks'))]
    dataset = build(root, pipeline=pipeline, data_prefix=dict(img_path='img'))
    with pytest.raises(FileNotFoundError, match=r'LoadIgnoreMask: mask .*b\.png'):
        dataset[0]


def test_a_list_may_begin_with_a_byte_order_mark(root):
    (root / 'list.txt').write_text('c\nb\n', encoding='utf-8-sig')
    assert names(build(root, ann_file='list.txt'), root) == ['c.jpg', 'b.jpg']


def test_a_link_to_nowhere_is_named(root):
    (root / 'img/sub/z.jpg').symlink_to('gone.jpg')
    with pytest.raises(FileNotFoundError, match=r'sub/z\.jpg is a link to gone\.jpg'):
        build(root)
    (root / 'img/sub/z.jpg').unlink()
    (root / 'img/sub/z.jpg').symlink_to('a.jpg')
    assert len(build(root)) == 4


def test_missing_root_folder_and_list_are_named(root):
    with pytest.raises(FileNotFoundError, match=r"data_root='.*/none' .*--data-root"):
        build(root / 'none')
    with pytest.raises(FileNotFoundError, match=r"img_path'\]='.*/photos' .*set data_"):
        build(root, data_prefix=dict(img_path='photos'))
    with pytest.raises(FileNotFoundError, match=r"ann_file='.*/l\.txt' .*one image id"):
        build(root, ann_file='l.txt')
    with pytest.raises(ValueError, match='has no img_path'):
        build(root, data_prefix=dict(seg_map_path='ann'))


def test_empty_folder_and_empty_list_are_named(root):
    (root / 'empty').mkdir()
    with pytest.raises(ValueError, match=r"no image in '.*/empty' \(img_suffix='.jpg'"):
        build(root, data_prefix=dict(img_path='empty'))
    with pytest.raises(ValueError, match=r"no image in '.*/img' \(img_suffix='.gif'"):
        build(root, img_suffix='.gif')
    (root / 'list.txt').write_text('\n \n')
    with pytest.raises(ValueError, match=r'no image in .*list\.txt.*correct ann_file'):
        build(root, ann_file='list.txt')


def test_listed_images_that_are_missing_are_counted_and_named(root):
    (root / 'list.txt').write_text('b\nx1\nc\nx2\n')
    with pytest.raises(FileNotFoundError, match=r'2 of 4 images of .*: x1, x2; add'):
        build(root, ann_file='list.txt')


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.bmp', '.tif', '.webp'])
def test_a_truncated_image_raises_and_is_not_replaced(root, suffix):
    path = root / f'more/a{suffix}'
    path.parent.mkdir()
    whole = cv2.imencode(suffix, cv2.imread(str(root / 'img/b.jpg')))[1].tobytes()
    dataset_args = dict(data_prefix=dict(img_path='more'), img_suffix=suffix)
    path.write_bytes(whole)
    (root / f'more/b{suffix}').write_bytes(whole)
    dataset = build(root, **dataset_args)
    assert dataset[0]['img'].shape == (20, 30, 3)
    for size in (int(len(whole) * 0.9), 60, 0):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=rf'more/a\{suffix} .* or take it off'):
            dataset[0]
    path.write_bytes(b'this is text')
    with pytest.raises(ValueError, match=rf'more/a\{suffix} .* replace the file'):
        dataset[0]


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
def test_a_truncated_image_raises_whatever_the_decoder_makes_of_it(root, suffix):
    image = cv2.imread(str(root / 'img/b.jpg'))
    (root / 'more').mkdir()
    whole = cv2.imencode(suffix, image)[1].tobytes()
    (root / f'more/a{suffix}').write_bytes(whole[:-30])
    # Older decoders return the image, with what is missing in gray.
    pipeline = [lambda results: dict(img=image)]
    dataset = build(
        root, pipeline=pipeline, data_prefix=dict(img_path='more'), img_suffix=suffix
    )
    with pytest.raises(ValueError, match=rf'more/a\{suffix} is truncated; replace'):
        dataset[0]


def test_a_truncated_annotation_is_named(root):
    path = root / 'ann/b.png'
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r'ann/b\.png is truncated; replace'):
        build(root, pipeline=LOAD_BOTH)[0]


def test_a_pipeline_that_drops_a_sample_raises(root):
    dataset = build(root, pipeline=[*LOAD, lambda results: None])
    with pytest.raises(ValueError, match=r'returned None for .*img/b\.jpg'):
        dataset[0]


def test_an_error_of_a_transform_stays_as_it_is(root):
    def fail(results):
        raise RuntimeError('own reason')

    with pytest.raises(RuntimeError, match='^own reason$'):
        build(root, pipeline=[*LOAD, fail])[0]


def write_gray(path, image):
    cv2.imwrite(str(path), image[..., 0])
    return np.repeat(image[..., :1], 3, axis=2)


def write_alpha(path, image):
    alpha = np.zeros_like(image[..., :1])
    cv2.imwrite(str(path), np.concatenate([image, alpha], axis=2))
    return image


def write_16_bit(path, image):
    cv2.imwrite(str(path), image.astype(np.uint16) * 256 + 7)
    return image


def write_16_bit_gray(path, image):
    cv2.imwrite(str(path), image[..., 0].astype(np.uint16) * 256 + 7)
    return np.repeat(image[..., :1], 3, axis=2)


def write_palette(path, image):
    shades = image[..., 0] // 64
    picture = Image.fromarray(shades, 'P')
    picture.putpalette([0, 10, 20, 40, 50, 60, 80, 90, 100, 120, 130, 140])
    picture.save(path)
    rgb = np.array([[0, 10, 20], [40, 50, 60], [80, 90, 100], [120, 130, 140]])
    return rgb[shades][..., ::-1]


@pytest.mark.filterwarnings('ignore:.*mode.*:DeprecationWarning')
@pytest.mark.parametrize(
    'write', [write_gray, write_alpha, write_16_bit, write_16_bit_gray, write_palette]
)
def test_every_kind_of_pixel_becomes_three_bytes(tmp_path, write):
    image = np.random.default_rng(1).integers(0, 256, (9, 14, 3), np.uint8)
    (tmp_path / 'img').mkdir()
    expected = write(tmp_path / 'img/a.png', image)
    loaded = build(tmp_path, img_suffix='.png')[0]['img']
    assert loaded.dtype == np.uint8
    assert np.array_equal(loaded, expected)


# EXIF orientation -> what a viewer does to the stored pixels.
ORIENTATIONS = {
    1: lambda x: x,
    2: np.fliplr,
    3: lambda x: np.rot90(x, 2),
    4: np.flipud,
    5: lambda x: x.transpose(1, 0, 2),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: np.rot90(x, 2).transpose(1, 0, 2),
    8: lambda x: np.rot90(x, 1),
}


@pytest.mark.parametrize('orientation', ORIENTATIONS)
def test_exif_rotation_is_undone(tmp_path, orientation):
    image = np.zeros((40, 64, 3), np.uint8)
    image[:20, :32], image[:20, 32:], image[20:, :32] = 80, 160, 240
    (tmp_path / 'img').mkdir()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(image).save(tmp_path / 'img/a.jpg', quality=100, exif=exif)
    sample = build(tmp_path)[0]
    expected = ORIENTATIONS[orientation](image)
    assert sample['ori_shape'] == expected.shape[:2]
    assert np.abs(sample['img'].astype(int) - expected).max() <= 3


def test_a_subset_of_the_classes_is_one_table(root):
    dataset = build(root, ThreeClasses, LOAD_BOTH, metainfo=dict(classes=('c', 'a')))
    stored = cv2.imread(str(root / 'ann/b.png'), 0)
    expected = np.select([stored == 0, stored == 2], [1, 0], 255)
    assert np.array_equal(dataset[0]['gt_seg_map'], expected)
    assert dataset.metainfo['partitions'] == dict(low=(1,), high=(0,))
    assert dataset.metainfo['palette'] == [[3, 3, 3], [1, 1, 1]]


def test_ids_beyond_the_classes_are_an_error_without_a_map(root):
    cv2.imwrite(str(root / 'ann/b.png'), np.full((20, 30), 3, np.uint8))
    with pytest.raises(ValueError, match=r'ann/b\.png has ids \[3\]'):
        build(root, ThreeClasses, LOAD_BOTH, metainfo=None)[0]


def test_reduce_zero_label_is_refused(root):
    with pytest.raises(ValueError, match='reduce_zero_label must be False'):
        build(root, reduce_zero_label=True)
