"""The command that scores: protocols, names of a person, JSON."""

import json

import cv2
import numpy as np
import pytest
from small_run import CLUSTERS

from mmseg_picie.checkpoints import (
    ClusterName,
    Names,
    name_checkpoint,
    read_run_checkpoint,
    weights_hash,
)
from mmseg_picie.cli.evaluate import evaluate
from mmseg_picie.errors import InputError
from mmseg_picie.evaluation import score_naming
from mmseg_picie.inference import Segmenter

CLASSES = ['sky', 'road', 'tree', 'car']


@pytest.fixture(scope='module')
def checkpoint(trained):
    return trained / 'epoch_1.pth'


@pytest.fixture(scope='module')
def images(camvid_root):
    return camvid_root / 'img'


@pytest.fixture
def labels(camvid_root, tmp_path):
    """Labels of three images to score, of two more to name by, and names for all."""
    for folder, names in (
        ('scored', ['val_00', 'val_01', 'val_02']),
        ('naming', ['train_00', 'train_01']),
    ):
        (tmp_path / folder).mkdir()
        for name in names:
            label = (camvid_root / 'ann' / f'{name}.png').read_bytes()
            (tmp_path / folder / f'{name}.png').write_bytes(label)
    (tmp_path / 'classes.txt').write_text('\n'.join(CLASSES))
    return tmp_path


def pairs(checkpoint, images, folder):
    """Clusters and labels, read without the command's help."""
    segmenter = Segmenter(checkpoint, 'cpu')
    for path in sorted(folder.glob('*.png')):
        label = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        yield segmenter.predict(images / f'{path.stem}.jpg'), label


def results(capsys, *args, **options):
    """The JSON that the command prints, and the rows in it."""
    evaluate(*args, say=lambda line: None, as_json=True, device='cpu', **options)
    content = json.loads(capsys.readouterr().out)
    return content, content['results']


def test_protocols_before_naming(trained, checkpoint, images, labels, capsys):
    options = dict(table=labels / 'classes.txt', simulate=2)
    content, rows = results(capsys, trained, images, labels / 'scored', **options)
    expected = score_naming(
        pairs(checkpoint, images, labels / 'scored'), 4, CLUSTERS, num_cards=2
    )
    assert [row['method'] for row in rows] == ['one_to_one', 'majority', 'cards']
    assert rows == [row.to_dict(CLASSES) for row in expected]
    assert content['num_images'] == 3
    assert content['classes'] == CLASSES


def test_cards_are_not_simulated_unasked(checkpoint, images, labels, capsys):
    options = dict(table=labels / 'classes.txt')
    _, rows = results(capsys, checkpoint, images, labels / 'scored', **options)
    assert [row['method'] for row in rows] == ['one_to_one', 'majority']


def test_other_labels_name(checkpoint, images, labels, capsys):
    options = dict(table=labels / 'classes.txt', simulate=9)
    options['naming_labels'] = labels / 'naming'
    _, rows = results(capsys, checkpoint, images, labels / 'scored', **options)
    centroids = read_run_checkpoint(str(checkpoint))['state_dict'][
        'decode_head.eval_centroids'
    ]
    expected = score_naming(
        pairs(checkpoint, images, labels / 'scored'),
        4,
        CLUSTERS,
        labeling=pairs(checkpoint, images, labels / 'naming'),
        centroids=centroids.numpy(),
    )
    assert rows == [row.to_dict(CLASSES) for row in expected]
    assert rows[-1]['named_by'] == 'labeling images'


def named(checkpoint, out, *called):
    digest = weights_hash(read_run_checkpoint(str(checkpoint))['state_dict'])
    entries = tuple(ClusterName(i, name) for i, name in enumerate(called))
    name_checkpoint(checkpoint, Names(entries, digest), out)
    return out


def test_names_are_matched_by_name(checkpoint, images, labels, capsys):
    file = named(checkpoint, labels / 'named.pth', 'tree', None, 'bird', 'sky')
    options = dict(table=labels / 'classes.txt')
    _, rows = results(capsys, file, images, labels / 'scored', **options)
    assert rows[-1]['method'] == 'names'
    # The masks of the named checkpoint itself, by its names.
    segmenter = Segmenter(file, 'cpu')
    right, total = 0, 0
    for path in sorted((labels / 'scored').glob('*.png')):
        mask = segmenter.predict(images / f'{path.stem}.jpg')
        label = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        shown = np.full(256, 'nothing', dtype='U10')
        shown[: len(segmenter.classes)] = segmenter.classes
        right += (shown[mask] == np.array(CLASSES)[label]).sum()
        total += label.size
    assert 0 < right < total
    assert rows[-1]['aAcc'] == pytest.approx(100 * right / total)


def test_names_of_other_words_are_refused(checkpoint, images, labels):
    file = named(checkpoint, labels / 'named.pth', 'a', 'b', 'c', 'd')
    with pytest.raises(InputError, match='predicts a, b, c, d; the labels have sky'):
        evaluate(
            *(file, images, labels / 'scored', print),
            table=labels / 'classes.txt',
            device='cpu',
        )


def test_names_from_scored_labels_are_refused(checkpoint, images, labels):
    with pytest.raises(InputError, match='3 images, such as val_00.jpg'):
        evaluate(
            *(checkpoint, images, labels / 'scored', print),
            naming_labels=labels / 'scored',
            table=labels / 'classes.txt',
            device='cpu',
        )


def test_table_is_printed_for_a_person(checkpoint, images, labels, capsys):
    said = []
    evaluate(
        *(checkpoint, images, labels / 'scored', said.append),
        table=labels / 'classes.txt',
        simulate=9,
        device='cpu',
    )
    printed = capsys.readouterr().out
    assert '3 images, 4 clusters' in printed
    assert '3 cards' in printed and 'do not compare' in printed
    assert str(labels / 'scored') in said[0]
