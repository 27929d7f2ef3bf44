"""The page of a run: what it says is what the run predicts."""

import base64
import zlib

import cv2
import numpy as np
import pytest
from report_pages import CLASSES, WICKED_IMAGE, data_of
from small_run import CLUSTERS, load

from mmseg_picie.checkpoints import ClusterName, Names, weights_hash, write_names
from mmseg_picie.datasets import LabelFolder
from mmseg_picie.errors import InputError, MissingFileError
from mmseg_picie.inference import LabeledClusterImages, Predictor
from mmseg_picie.report import write_report
from mmseg_picie.scores import confusion_matrix, majority_match, matched_scores


def unpack(text, size):
    planes = zlib.decompress(base64.b64decode(text))
    half = len(planes) // 2
    low, high = (np.frombuffer(p, 'u1') for p in (planes[:half], planes[half:]))
    return (low + 256 * high.astype(int)).reshape(size)


@pytest.fixture(scope='module')
def predictor(run):
    return Predictor(run / 'epoch_1.pth', 'cpu', predict_as='clusters')


def test_page_is_named_by_the_hash_of_its_weights(run, page, data):
    assert page == run / 'report.html'
    state = load(run / 'epoch_1.pth')['state_dict']
    assert data['checkpoint'] == weights_hash(state)
    assert data['run'] == str(run)
    assert page.stat().st_size < 15e6


def test_gallery_shows_what_is_predicted(data, predictor, labeled_images):
    names = [item['name'] for item in data['gallery']]
    assert WICKED_IMAGE in names and len(names) == 10
    for item in data['gallery']:
        size = (item['height'], item['width'])
        expected = predictor.predict(labeled_images / 'img' / item['name'])
        assert np.array_equal(unpack(item['ids'], size), expected)
        label = (labeled_images / 'ann' / item['name']).with_suffix('.png')
        truth = cv2.imread(str(label), -1)
        assert np.array_equal(unpack(item['truth'], size), truth)


def test_figures_of_clusters_are_those_of_the_masks(data, predictor, labeled_images):
    paths = sorted((labeled_images / 'img').rglob('*.jpg'))
    masks = np.stack([predictor.predict(path) for path in paths])
    pixels = np.stack([cv2.imread(str(path)) for path in paths])
    for cluster in data['clusters']:
        own = masks == cluster['id']
        assert cluster['pixels'] == own.sum()
        assert cluster['share'] == pytest.approx(own.mean(), abs=1e-6)
        assert cluster['images'] == own.any((1, 2)).sum()
        assert len(cluster['crops']) == min(9, cluster['images'])
        if own.any():
            mean = pixels[own].mean(0)[::-1].round().astype(int)
            assert cluster['mean'] == '#' + bytes(mean.tolist()).hex()
    assert data['images'] == dict(total=10, surveyed=10)


def test_labels_say_what_naming_by_majority_gives(data, predictor, labeled_images):
    labels = LabelFolder(
        labeled_images / 'img', labeled_images / 'ann', classes=CLASSES
    )
    confusion = sum(
        confusion_matrix(classes, clusters, len(CLASSES), CLUSTERS)
        for clusters, classes in LabeledClusterImages(predictor, labels)
    )
    found = data['labels']
    assert found['classes'] == list(CLASSES)
    assert np.array_equal(found['confusion'], confusion)
    assert len(set(found['palette'])) == len(CLASSES)
    assert '#000000' not in found['palette']  # black reads as nothing
    match = majority_match(confusion)
    assert found['cluster_class'] == match.tolist()
    scores = matched_scores(confusion, match)
    assert np.allclose(found['iou'], scores.iou, atol=0.01)
    assert found['mIoU'] == pytest.approx(scores.mIoU, abs=0.01)
    for cluster, best in enumerate(match):
        column = confusion[:, cluster]
        if column.any():
            share = column[best] / column.sum()
            assert found['purity'][cluster] == pytest.approx(share, abs=1e-4)


def test_order_and_neighbors_hold_each_cluster(data):
    assert sorted(data['order']) == list(range(CLUSTERS))
    for own, near in enumerate(data['nearest']):
        assert sorted([own, *(other for other, _ in near)]) == list(range(CLUSTERS))


def test_what_the_run_did_is_there(run, data):
    history = data['history']
    assert history['config'] == load(run / 'epoch_1.pth')['meta']['cfg']
    assert history['versions']['torch']
    assert [x for x, _ in history['curves']['loss']] == [1]


def test_names_of_a_file_begin_the_page(run, page, labeled_images, tmp_path):
    digest = weights_hash(load(run / 'epoch_1.pth')['state_dict'])
    entries = (ClusterName(2, 'sky', '#aa0000'), ClusterName(0, None))
    write_names(tmp_path / 'names.yaml', Names(entries, digest))
    options = dict(images=labeled_images / 'img', names=tmp_path / 'names.yaml')
    kept = page.read_bytes()
    found = data_of(write_report(run, device='cpu', **options))
    page.write_bytes(kept)
    assert found['names'] == [
        dict(id=2, name='sky', color='#aa0000'),
        dict(id=0, name=None, color=None),
    ]
    assert found['labels'] is None
    write_names(tmp_path / 'names.yaml', Names(entries, 64 * 'a'))
    with pytest.raises(InputError, match='clusters of other weights'):
        write_report(run, device='cpu', **options)


def test_images_that_are_gone_or_broken_are_said(run, page, labeled_images, tmp_path):
    with pytest.raises(MissingFileError, match='does not exist'):
        write_report(tmp_path / 'nowhere')
    with pytest.raises(InputError, match='holds no image'):
        write_report(run, images=tmp_path, device='cpu')
    (tmp_path / 'broken.png').write_bytes(b'no image')
    good = next((labeled_images / 'img').glob('*.jpg'))
    (tmp_path / 'good.jpg').write_bytes(good.read_bytes())
    lines = []
    kept = page.read_bytes()
    found = data_of(write_report(run, images=tmp_path, device='cpu', say=lines.append))
    page.write_bytes(kept)
    assert any('broken.png' in line for line in lines)
    assert [item['name'] for item in found['gallery']] == ['good.jpg']
    assert found['images'] == dict(total=2, surveyed=1)
