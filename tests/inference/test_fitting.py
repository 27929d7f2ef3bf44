"""A folder of images becomes clusters, names and masks, with the packaged weights."""

import csv
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from mmseg_picie import Segmenter
from mmseg_picie.checkpoints import packaged_file, weights_hash
from mmseg_picie.errors import InputError, MissingFileError
from mmseg_picie.inference import describe_plan, fit, fitting, make_plan
from mmseg_picie.inference.fit_plan import evenly

CLUSTERS = 6


@pytest.fixture(scope='module')
def images(tmp_path_factory):
    """Green discs of several sizes on gray noise, one image in a sub-folder."""
    root = tmp_path_factory.mktemp('discs')
    (root / 'img' / 'deep').mkdir(parents=True)
    (root / 'ann' / 'deep').mkdir(parents=True)
    rng = np.random.default_rng(0)
    for index in range(12):
        name = f'deep/{index:02d}' if index == 5 else f'{index:02d}'
        image = rng.integers(90, 130, (70, 80, 3)).astype('u1')
        label = np.zeros((70, 80), 'u1')
        center = tuple(int(v) for v in rng.integers(25, 45, 2))
        cv2.circle(label, center, int(rng.integers(12, 22)), 1, -1)
        image[label == 1] = image[label == 1] // 4 + np.array([20, 150, 20], 'u1')
        cv2.imwrite(str(root / 'img' / f'{name}.png'), image)
        cv2.imwrite(str(root / 'ann' / f'{name}.png'), label)
    return root


@pytest.fixture(scope='module')
def trained_run(images, tmp_path_factory):
    """A fit with two rounds of training."""
    try:
        packaged_file('efficientnet-lite0')
    except InputError as error:
        pytest.skip(str(error))
    out = tmp_path_factory.mktemp('fit') / 'run'
    lines = []
    plan = make_plan(images / 'img', clusters=CLUSTERS, rounds=2, out=out)
    model = fit(plan, lines.append)
    return model, lines


def test_results_lie_in_the_folder(trained_run, images):
    model, lines = trained_run
    for folder in (model.parent, model.parent / 'preview'):
        masks = sorted((folder / 'masks').rglob('*.png'))
        names = [p.relative_to(folder / 'masks').as_posix() for p in masks]
        expected = sorted(
            p.relative_to(images / 'img').as_posix()
            for p in (images / 'img').rglob('*.png')
        )
        assert names == expected
        assert len(list((folder / 'overlays').rglob('*.jpg'))) == 12
        assert (folder / 'contact_sheet.png').is_file()
        assert (folder / 'clusters' / 'page_1.jpg').is_file()
    assert sum('round 2 of 2' in line for line in lines) == 1


def test_training_changes_weights_and_goes_on_from_the_first_clusters(trained_run):
    model, _ = trained_run
    before = Segmenter(model.parent / 'preview', 'cpu')
    after = Segmenter(model, 'cpu')
    assert before.num_clusters == after.num_clusters == CLUSTERS
    states = before.model.state_dict(), after.model.state_dict()
    assert weights_hash(states[0]) != weights_hash(states[1])
    # A cluster keeps its number: it is nearest to what it was.
    old, new = (s['decode_head.eval_centroids'] for s in states)
    assert ((new @ old.T).argmax(1) == np.arange(CLUSTERS)).float().mean() > 0.6


def test_masks_and_table_are_those_of_the_model(trained_run, images):
    model, _ = trained_run
    segmenter = Segmenter(model.parent, 'cpu')
    counts = np.zeros(CLUSTERS)
    for path in sorted((images / 'img').rglob('*.png')):
        name = path.relative_to(images / 'img')
        written = np.array(Image.open(model.parent / 'masks' / name))
        assert np.array_equal(written, segmenter.predict(path))
        counts += np.bincount(written.ravel(), minlength=CLUSTERS)
    with (model.parent / 'clusters.csv').open() as file:
        rows = list(csv.DictReader(file))
    shares = [float(row['share']) for row in rows]
    assert np.allclose(shares, counts / counts.sum(), atol=1e-6)


def test_names_are_exact_and_saved(trained_run, images, tmp_path):
    model, _ = trained_run
    path = images / 'img' / '03.png'
    clusters = Segmenter(model, 'cpu').predict(path)
    segmenter = Segmenter(model, 'cpu').name({2: 'disc', 0: 'disc', 4: None})
    assert segmenter.classes == ('disc', 'cluster_1', 'cluster_3', 'cluster_5')
    lookup = np.array([0, 1, 0, 2, 255, 3])
    mask = segmenter.predict(path)
    assert np.array_equal(mask, lookup[clusters])
    segmenter.save(tmp_path / 'named.pth')
    loaded = Segmenter.load(tmp_path / 'named.pth', 'cpu')
    assert loaded.classes == segmenter.classes
    assert np.array_equal(loaded.predict(path), mask)


def test_taught_classes_find_the_discs(trained_run, images, tmp_path):
    model, _ = trained_run
    labels = tmp_path / 'labels'
    labels.mkdir()
    for name in ('00', '01', '02'):
        label = cv2.imread(str(images / 'ann' / f'{name}.png'), -1)
        label[:, ::2] = 255  # partial labels
        cv2.imwrite(str(labels / f'{name}.png'), label)
    taught = Segmenter(model, 'cpu').teach(
        labels, tmp_path / 'taught.pth', images / 'img', classes=('ground', 'disc')
    )
    assert taught.classes == ('ground', 'disc')
    hits = [
        (
            taught.predict(images / 'img' / f'{name}.png')
            == cv2.imread(str(images / 'ann' / f'{name}.png'), -1)
        ).mean()
        for name in ('06', '07', '08', '09')
    ]
    assert min(hits) > 0.9


def test_labels_without_a_class_teach_nothing(trained_run, images, tmp_path):
    model, _ = trained_run
    cv2.imwrite(str(tmp_path / '00.png'), np.full((70, 80), 255, 'u1'))
    with pytest.raises(InputError, match='255'):
        Segmenter(model, 'cpu').teach(
            tmp_path, tmp_path / 'o.pth', images / 'img', classes=('a', 'b')
        )


def test_small_images_are_not_blown_up(images):
    plan = make_plan(images / 'img', clusters=CLUSTERS, out='nowhere')
    assert plan.size == 64
    assert any('70 px' in note for note in plan.notes)
    assert any('12 images are few' in note for note in plan.notes)
    assert make_plan(images / 'img', clusters=2, size=320, out='nowhere').size == 320


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        (dict(clusters=1), 'clusters must be >= 2, got 1'),
        (dict(clusters=1000), 'fewer than 10 for each'),
        (dict(minutes=-1), 'minutes must be >= 0'),
        (dict(size=8), 'size must be >= 32'),
    ],
)
def test_options_out_of_range_are_refused(images, options, words):
    with pytest.raises(InputError, match=words):
        make_plan(images / 'img', out='nowhere', **options)


def test_folders_that_are_missing_empty_or_full_are_refused(images, tmp_path):
    with pytest.raises(MissingFileError, match='not an existing folder'):
        make_plan(tmp_path / 'nowhere')
    with pytest.raises(InputError, match='holds no image'):
        make_plan(tmp_path)
    (tmp_path / 'mine.txt').write_text('mine')
    with pytest.raises(InputError, match='not an empty folder'):
        make_plan(images / 'img', out=tmp_path)


@pytest.mark.parametrize(
    ('minutes', 'expected'),
    [
        (1e-6, 48),  # a round needs some
        (10, 300),  # 600 s, 5 rounds, 4 times 0.1 s an image
        (1000, 12_000),
    ],
)
def test_large_folders_train_on_a_part(images, minutes, expected):
    plan = make_plan(images / 'img', clusters=CLUSTERS, minutes=minutes, out='nowhere')
    plan = replace(plan, names=plan.names * 1000)
    lines = []
    # The clusters came from 2000 of the 12,000 images in 200 s.
    assert fitting._images(plan, 200.0, lines.append) == expected
    assert bool(lines) == (expected < 12_000)


def test_rounds_train_on_all_images(images):
    plan = make_plan(images / 'img', clusters=CLUSTERS, rounds=3, out='nowhere')
    plan = replace(plan, names=plan.names * 1000)
    assert fitting._images(plan, 200.0, lambda _: None) == 12_000


@pytest.mark.parametrize(
    ('options', 'trains'),
    [
        (dict(minutes=0), False),
        (dict(minutes=0.5), True),
        (dict(minutes=0, rounds=2), True),
        (dict(minutes=5, rounds=0), False),
    ],
)
def test_rounds_take_the_place_of_minutes(images, options, trains):
    plan = make_plan(images / 'img', clusters=CLUSTERS, out='nowhere', **options)
    assert plan.trains == trains
    assert ('no training' in describe_plan(plan)[1]) != trains


def test_evenly_takes_first_and_last():
    names = [str(number) for number in range(10)]
    assert evenly(names, 4) == ['0', '3', '6', '9']
    assert evenly(names, 20) == names
