"""What evaluate scores beside the protocols of naming: options, one each."""

import json

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from small_run import CLUSTERS

from mmseg_picie.cli.evaluate import evaluate
from mmseg_picie.errors import InputError
from mmseg_picie.inference import Segmenter
from mmseg_picie.scores import (
    BoundaryCounts,
    NearestVotes,
    PerImageCounts,
    confusion_matrix,
    hungarian_match,
    majority_match,
    matched_scores,
)

CLASSES = ['sky', 'road', 'tree', 'car']
SPLITS = dict(train=['train_00', 'train_01', 'train_02'], val=['val_00', 'val_01'])


@pytest.fixture(scope='module')
def checkpoint(trained):
    return trained / 'epoch_1.pth'


@pytest.fixture(scope='module')
def root(camvid_root, tmp_path_factory):
    """Two splits in folders of their own with the same file names."""
    root = tmp_path_factory.mktemp('splits')
    for split, names in SPLITS.items():
        for kind, suffix in (('img', '.jpg'), ('ann', '.png')):
            (root / split / kind).mkdir(parents=True)
            for number, name in enumerate(names):
                content = (camvid_root / kind / (name + suffix)).read_bytes()
                (root / split / kind / f'{number:04d}{suffix}').write_bytes(content)
    (root / 'classes.txt').write_text('\n'.join(CLASSES))
    return root


@pytest.fixture
def results(checkpoint, root, capsys):
    """Runs the command on the validation split; rows of its JSON by method."""

    def call(**options):
        folders = (root / 'val/img', root / 'val/ann', lambda line: None)
        options = dict(table=root / 'classes.txt', as_json=True, **options)
        evaluate(checkpoint, *folders, device='cpu', **options)
        rows = json.loads(capsys.readouterr().out)['results']
        return {(row['method'], row['named_by']): row for row in rows}

    return call


def labeled(root, split):
    """Image path and label of each image of a split."""
    for path in sorted((root / split / 'img').iterdir()):
        label = root / split / 'ann' / f'{path.stem}.png'
        yield path, cv2.imread(str(label), cv2.IMREAD_UNCHANGED)


def clusters(checkpoint, root, split):
    segmenter = Segmenter(checkpoint, 'cpu')
    return [(segmenter.predict(path), label) for path, label in labeled(root, split)]


def embeddings(checkpoint, root, split):
    """Maps (1, D, h, w) and labels of a split."""
    segmenter = Segmenter(checkpoint, 'cpu')
    for path, label in labeled(root, split):
        yield segmenter.embed(cv2.imread(str(path)))[None], label


NAMING = ('naming_labels', 'naming_images')


def naming(root):
    return dict(zip(NAMING, (root / 'train/ann', root / 'train/img')))


# --- splits with the same file names -----------------------------------------------


def test_file_names_may_repeat_between_splits(results, checkpoint, root):
    row = results(**naming(root))['majority', 'labeling images']
    counts = [
        sum(
            confusion_matrix(label, found, 4, CLUSTERS)
            for found, label in clusters(checkpoint, root, split)
        )
        for split in SPLITS
    ]
    assert (counts[0].sum(0) > 0).all()  # no cluster takes its class from a neighbor
    expected = matched_scores(counts[1], majority_match(counts[0]))
    assert row['mIoU'] == pytest.approx(expected.mIoU)
    assert row['cluster_to_class'] == majority_match(counts[0]).tolist()


def test_same_images_are_refused_by_any_path(results, root, tmp_path):
    (tmp_path / 'link').symlink_to(root / 'val/img')
    labels = dict(naming_labels=root / 'val/ann', naming_images=tmp_path / 'link')
    with pytest.raises(InputError, match='2 images, such as 0000.jpg.*naming-images'):
        results(**labels)


@pytest.mark.parametrize(
    'options, word',
    [
        (dict(knn=True), '--knn needs'),
        (dict(probe=True, knn=True), '--knn, --probe needs'),
        (dict(naming_images='x'), '--naming-images needs'),
    ],
)
def test_labels_to_learn_from_are_asked_for(results, options, word):
    with pytest.raises(InputError, match=f'{word} .*--naming-labels'):
        results(**options)


# --- protocols ---------------------------------------------------------------------


def test_clusters_are_matched_on_each_image(results, checkpoint, root):
    rows = results(per_image=True)
    for method, match in (
        ('per_image', hungarian_match),
        ('per_image_majority', majority_match),
    ):
        counts = PerImageCounts(4, CLUSTERS, match)
        for found, label in clusters(checkpoint, root, 'val'):
            counts.add(found, label)
        row = rows[method, 'scored images']
        assert row['mIoU'] == pytest.approx(counts.scores().mIoU)
        assert row['aAcc'] == pytest.approx(counts.scores().aAcc)
        assert row['cluster_to_class'] is None
        assert 'a matching of its own' in row['protocol']
    best = rows['per_image', 'scored images']['aAcc']
    assert best >= rows['one_to_one', 'scored images']['aAcc']


def test_boundaries_are_scored_under_each_protocol(results, checkpoint, root):
    rows = results(per_image=True, boundary=True)
    assert len(rows) == 4
    counts = {key: BoundaryCounts(4) for key in rows}
    for found, label in clusters(checkpoint, root, 'val'):
        confusion = confusion_matrix(label, found, 4, CLUSTERS)
        for (method, _), row in rows.items():
            lookup = row['cluster_to_class']
            if method == 'per_image':
                lookup = hungarian_match(confusion)
            elif method == 'per_image_majority':
                lookup = majority_match(confusion)
            counts[method, 'scored images'].add(np.array(lookup)[found], label)
    for key, row in rows.items():
        expected = counts[key].scores()
        assert row['boundary_mF'] == pytest.approx(expected.mF)
        assert list(row['boundary_F'].values()) == pytest.approx(expected.f)


def test_nearest_pixels_vote(results, checkpoint, root):
    row = results(knn=True, boundary=True, **naming(root))['knn', 'labeling images']
    points, classes = [], []
    for maps, label in embeddings(checkpoint, root, 'train'):
        height, width = maps.shape[2:]
        points.append(maps[0].flatten(1).T)
        # The label at the center of each cell.
        rows = ((np.arange(height) + 0.5) * label.shape[0] / height).astype(int)
        columns = ((np.arange(width) + 0.5) * label.shape[1] / width).astype(int)
        classes.append(torch.from_numpy(label[np.ix_(rows, columns)].flatten()))
    votes = NearestVotes(torch.cat(points), torch.cat(classes), 4)
    counts, edges = 0, BoundaryCounts(4)
    for maps, label in embeddings(checkpoint, root, 'val'):
        shares = votes.shares(maps[0].flatten(1).T).T.reshape(1, 4, *maps.shape[2:])
        found = F.interpolate(shares, label.shape, mode='bilinear').argmax(1)[0].numpy()
        counts += confusion_matrix(label, found, 4, 4)
        edges.add(found, label)
    expected = matched_scores(counts, np.arange(4))
    # Points of equal similarity may be taken in another order.
    assert row['aAcc'] == pytest.approx(expected.aAcc, abs=0.2)
    assert row['boundary_mF'] == pytest.approx(edges.scores().mF, abs=1)
    assert f'of {len(votes.bank)} labeled pixels' in row['protocol']


def test_linear_layer_learns_from_naming_labels(results, root):
    rows = results(probe=True, knn=True, **naming(root))
    assert [method for method, _ in rows][-2:] == ['knn', 'linear_probe']
    row = rows['linear_probe', 'labeling images']
    # Blocks of four gray levels: color tells the class, and so must the features.
    assert row['aAcc'] > 60
    assert row['num_unnamed'] == 0 and '1x1 convolution' in row['protocol']


def test_table_has_a_line_for_each_protocol(checkpoint, root, capsys):
    evaluate(
        *(checkpoint, root / 'val/img', root / 'val/ann', lambda line: None),
        table=root / 'classes.txt',
        device='cpu',
        per_image=True,
        boundary=True,
        knn=True,
        **naming(root),
    )
    printed = capsys.readouterr().out
    for word in ('7 knn', '5 per_image ', '6 per_image_majority', 'boundary F'):
        assert word in printed
    assert 'boundary F: mean over classes' in printed
