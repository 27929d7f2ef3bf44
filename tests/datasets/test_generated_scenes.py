"""Generated scenes: drawing, writing, reading."""

import hashlib
import multiprocessing
import os

import cv2
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from mmseg_picie.cli import make_scenes
from mmseg_picie.datasets.generated_scenes import GeneratedScenes
from mmseg_picie.datasets.scenes import writing
from mmseg_picie.datasets.scenes.canvas import polygon
from mmseg_picie.datasets.scenes.drawing import draw_scene
from mmseg_picie.datasets.scenes.palette import SCENE_CLASSES, SCENE_PALETTE
from mmseg_picie.datasets.scenes.writing import (
    SETTINGS_FILE,
    generate_scenes,
    scene_index,
)

SMALL = (48, 64)
NUM_CLASSES = len(SCENE_CLASSES)


def fingerprint(seed, index, size):
    image, labels = draw_scene(seed, index, size)
    return hashlib.sha256(image.tobytes() + labels.tobytes()).hexdigest()


@pytest.fixture(scope='module')
def scenes():
    """Forty scenes at 96 x 128 pixels."""
    return [draw_scene(0, index, (96, 128)) for index in range(40)]


@pytest.fixture()
def root(tmp_path):
    return generate_scenes(tmp_path / 'scenes', {'train': 3, 'val': 2}, SMALL)


def contents(root):
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob('*'))
        if path.is_file()
    }


def test_a_scene_is_the_same_twice_whatever_was_drawn_between():
    first = fingerprint(3, 7, SMALL)
    np.random.default_rng().random()
    draw_scene(3, 8, SMALL)
    assert fingerprint(3, 7, SMALL) == first


def test_a_scene_is_the_same_in_another_process():
    with multiprocessing.get_context('spawn').Pool(1) as pool:
        there = pool.apply(fingerprint, (3, 7, (96, 128)))
    assert there == fingerprint(3, 7, (96, 128))


def test_polygon_holds_the_pixel_centers_inside():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:20, :30]
    for _ in range(50):
        corners = rng.uniform((-5, -5), (35, 25), (3, 2))
        sides = []
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0)):
            sides.append((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) > 0)
        inside = np.all(sides, axis=0) | ~np.any(sides, axis=0)
        assert np.array_equal(polygon((20, 30), list(corners)), inside)


def test_seed_and_index_change_the_scene():
    prints = {fingerprint(s, i, SMALL) for s in (0, 1) for i in range(10)}
    assert len(prints) == 20


@pytest.mark.parametrize('size', [(32, 32), (33, 71), (192, 256), (200, 120)])
def test_size_and_types_are_as_asked(size):
    image, labels = draw_scene(0, 1, size)
    assert image.shape == (*size, 3) and image.dtype == np.uint8
    assert labels.shape == size and labels.dtype == np.uint8


def test_labels_are_classes_or_255(scenes):
    ids = set(np.unique([labels for _, labels in scenes]).tolist())
    assert ids == {*range(NUM_CLASSES), 255}


def test_classes_and_palette_agree():
    assert len(SCENE_PALETTE) == NUM_CLASSES >= 8
    assert len({tuple(color) for color in SCENE_PALETTE}) == NUM_CLASSES


def test_each_class_is_common_and_none_rules(scenes):
    counts = np.stack(
        [np.bincount(labels.ravel(), minlength=256) for _, labels in scenes]
    )
    share = counts[:, :NUM_CLASSES].sum(0) / counts.sum()
    present = (counts[:, :NUM_CLASSES] > 0).mean(0)
    assert share.min() > 0.015 and share.max() < 0.35
    assert present.min() > 1 / 3
    assert counts[:, 255].sum() / counts.sum() < 0.02


def test_sky_is_above_grass_and_smoother(scenes):
    # The classes are told apart by place and texture: gray-level steps from one
    # pixel to the next, relative to the brightness.
    steps, places = {0: [], 3: []}, {0: [], 3: []}
    for image, labels in scenes:
        gray = image.mean(2) + 1
        step = np.abs(np.diff(gray, axis=1)) / gray[:, 1:]
        for class_id in steps:
            inside = (labels[:, 1:] == class_id) & (labels[:, :-1] == class_id)
            if inside.sum() > 100:
                steps[class_id].append(step[inside].mean())
                places[class_id].append(np.nonzero(inside)[0].mean())
    assert np.median(steps[3]) > 2 * np.median(steps[0])
    assert max(places[0]) < min(places[3])


def test_colors_alone_do_not_tell_the_classes(scenes):
    pixels = np.concatenate([image.reshape(-1, 3)[::7] for image, _ in scenes])
    classes = np.concatenate([labels.ravel()[::7] for _, labels in scenes])
    known = classes != 255
    pixels, classes = pixels[known].astype(np.float32), classes[known].astype(int)
    kmeans = KMeans(NUM_CLASSES, n_init=1, max_iter=30, random_state=0)
    clusters = kmeans.fit(pixels[::5]).predict(pixels)
    confusion = np.zeros((NUM_CLASSES, NUM_CLASSES))
    np.add.at(confusion, (classes, clusters), 1)
    rows, columns = linear_sum_assignment(confusion, maximize=True)
    hit = confusion[rows, columns]
    union = confusion.sum(1)[rows] + confusion.sum(0)[columns] - hit
    assert (hit / union).mean() < 0.17
    assert hit.sum() / confusion.sum() < 0.35


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [((-1, 0, SMALL), 'seed'), ((0, -1, SMALL), 'index'), ((0, 0, (8, 64)), 'size')],
)
def test_bad_arguments_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        draw_scene(*arguments)


def test_files_hold_the_drawn_scenes(root):
    image = cv2.imread(str(root / 'images/val/000001.png'))
    labels = cv2.imread(str(root / 'annotations/val/000001.png'), cv2.IMREAD_UNCHANGED)
    drawn, truth = draw_scene(0, scene_index('val', 1), SMALL)
    assert np.array_equal(image, drawn) and np.array_equal(labels, truth)


def test_splits_share_no_scene(root):
    files = contents(root)
    images = [data for name, data in files.items() if name.startswith('images')]
    assert len(images) == len(set(images)) == 5
    indices = {s: {scene_index(s, n) for n in range(5000)} for s in ('train', 'val')}
    assert not indices['train'] & indices['val']


def test_second_run_draws_nothing(root, monkeypatch):
    before = contents(root)
    drawn = []
    real = writing.draw_scene
    monkeypatch.setattr(
        writing, 'draw_scene', lambda *a: drawn.append(a[1]) or real(*a)
    )
    generate_scenes(root, {'train': 3, 'val': 2}, SMALL)
    assert drawn == [0]  # The check of the arguments.
    assert contents(root) == before


def test_an_interrupted_run_is_completed(root, tmp_path, monkeypatch):
    calls = []
    real = os.replace

    def replace(source, target):
        calls.append(target)
        if len(calls) == 5:  # Settings, two files of scene 0, image of scene 1.
            raise KeyboardInterrupt
        real(source, target)

    other = tmp_path / 'other'
    with monkeypatch.context() as patch:
        patch.setattr(os, 'replace', replace)
        with pytest.raises(KeyboardInterrupt):
            generate_scenes(other, {'train': 3, 'val': 2}, SMALL)
    assert set(contents(other)) == {
        SETTINGS_FILE,
        'images/train/000000.png',
        'images/train/000001.png',
        'annotations/train/000000.png',
    }
    generate_scenes(other, {'train': 3, 'val': 2}, SMALL)
    assert contents(other) == contents(root)


def test_a_split_can_grow_but_not_hold_more_than_asked(root):
    before = contents(root)
    generate_scenes(root, {'train': 4}, SMALL)
    after = contents(root)
    assert before.items() <= after.items() and len(after) == len(before) + 2
    with pytest.raises(ValueError, match='000003.png'):
        generate_scenes(root, {'train': 3}, SMALL)


@pytest.mark.parametrize('changed', [{'seed': 1}, {'size': (64, 64)}])
def test_other_settings_are_refused(root, changed):
    before = contents(root)
    with pytest.raises(ValueError, match='other settings'):
        generate_scenes(root, {'train': 3}, **{'size': SMALL, 'seed': 0, **changed})
    assert contents(root) == before


def test_foreign_files_are_refused(tmp_path):
    (tmp_path / 'images').mkdir()
    with pytest.raises(ValueError, match='not written here'):
        generate_scenes(tmp_path, {'train': 1}, SMALL)


@pytest.mark.parametrize('counts', [{'valid': 1}, {'train': -1}])
def test_unknown_splits_and_counts_are_refused(tmp_path, counts):
    with pytest.raises(ValueError, match='counts'):
        generate_scenes(tmp_path / 'new', counts, SMALL)
    assert not (tmp_path / 'new').exists()


def test_data_set_reads_what_was_written(root):
    prefix = {'img_path': 'images/val', 'seg_map_path': 'annotations/val'}
    data = GeneratedScenes(
        data_root=str(root),
        data_prefix=prefix,
        pipeline=[
            {'type': 'mmcv.LoadImageFromFile'},
            {'type': 'mmseg.LoadAnnotations'},
        ],
    )
    assert len(data) == 2
    assert data.metainfo['classes'] == SCENE_CLASSES
    image, labels = draw_scene(0, scene_index('val', 0), SMALL)
    assert np.array_equal(data[0]['img'], image)
    assert np.array_equal(data[0]['gt_seg_map'], labels)


def test_missing_root_says_how_to_draw(tmp_path):
    root = tmp_path / 'nowhere'
    with pytest.raises(FileNotFoundError, match=f'make_scenes.py {root}'):
        GeneratedScenes(data_root=str(root))


def test_empty_folder_says_how_to_draw(tmp_path):
    generate_scenes(tmp_path, {'train': 0}, SMALL)
    with pytest.raises(ValueError, match='make_scenes.py'):
        GeneratedScenes(data_root=str(tmp_path))


def test_command_line_draws_and_reports_errors(tmp_path, capsys):
    arguments = [str(tmp_path), '--train', '2', '--val', '1', '--size', '48', '64']
    assert make_scenes.main(arguments) == 0
    assert 'train: 2/2' in capsys.readouterr().out
    assert len(list((tmp_path / 'annotations/train').glob('*.png'))) == 2
    assert make_scenes.main([*arguments, '--seed', '5']) == 2
    assert 'other settings' in capsys.readouterr().err
