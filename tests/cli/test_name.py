"""The command that names: which checkpoint, which names, what it says."""

import cv2
import numpy as np
import pytest
import torch
from small_run import CLUSTERS, load

from mmseg_picie.checkpoints import (
    ClusterName,
    Names,
    build_segmentor,
    stored_config,
    weights_hash,
    write_names,
)
from mmseg_picie.cli.name import name
from mmseg_picie.datasets import LabelFolder
from mmseg_picie.errors import InputError
from mmseg_picie.inference import Segmenter

CLASSES = ['sky', 'road', 'tree', 'car']


@pytest.fixture
def out(tmp_path):
    return tmp_path / 'new' / 'named.pth'


@pytest.fixture(scope='module')
def checkpoint(trained):
    return trained / 'epoch_1.pth'


@pytest.fixture(scope='module')
def digest(checkpoint):
    return weights_hash(load(checkpoint)['state_dict'])


@pytest.fixture
def table(tmp_path):
    rows = [f'{name}, {index}' for index, name in enumerate(CLASSES)]
    (tmp_path / 'classes.csv').write_text('\n'.join(['name, id', *rows]))
    return tmp_path / 'classes.csv'


def call(run, names=None, settings=(), ignore=(), **options):
    """What the command says."""
    lines = []
    name(run, names, settings, ignore, say=lines.append, **options)
    return lines


def result(path):
    """Classes, and the class of each cluster."""
    loaded = load(path)
    lookup = loaded['state_dict']['decode_head.cluster_to_class']
    return loaded['meta']['dataset_meta']['classes'], lookup.tolist()


def test_settings_name_a_run(trained, checkpoint, out):
    lines = call(trained, settings=['3=nucleus', '1,0=cell wall'], out=out)
    assert result(out) == (('nucleus', 'cell wall', 'cluster_2'), [1, 1, 2, 0])
    assert lines == [
        f'{out}, from {checkpoint}: 2 named classes',
        '  nucleus: cluster 3',
        '  cell wall: clusters 1, 0',
        '  without a name, each a class of its own (cluster_2 ...): cluster 2; '
        '--ignore rest makes them 255',
    ]


def test_ignored_clusters_are_said(trained, out):
    lines = call(trained, settings=['3=nucleus'], ignore=['rest'], out=out)
    assert result(out) == (('nucleus',), [-1, -1, -1, 0])
    assert lines[1:] == [
        '  nucleus: cluster 3',
        '  ignored, 255 in masks: clusters 0, 1, 2',
    ]


def test_named_checkpoint_lies_beside_the_clusters(checkpoint, tmp_path):
    torch.save(load(checkpoint), tmp_path / 'clusters.pth')
    call(tmp_path, settings=['3=nucleus'])
    assert result(tmp_path / 'named.pth')[0][0] == 'nucleus'
    # A second thought begins with the clusters again.
    call(tmp_path, settings=['3=cell'])
    assert result(tmp_path / 'named.pth')[0][0] == 'cell'


def test_file_names_the_checkpoint_it_is_for(checkpoint, digest, tmp_path, out):
    run = tmp_path / 'run'
    run.mkdir()
    loaded = load(checkpoint)
    torch.save(loaded, run / 'epoch_1.pth')
    loaded['state_dict']['decode_head.eval_centroids'] += 1
    torch.save(loaded, run / 'epoch_2.pth')
    file = tmp_path / 'names.yaml'
    write_names(file, Names((ClusterName(2, 'sky'), ClusterName(1, None)), digest))
    lines = call(run, file, out=out)
    assert str(run / 'epoch_1.pth') in lines[0]
    assert result(out) == (('sky', 'cluster_0', 'cluster_3'), [1, -1, 0, 2])
    # Options change what the file says.
    call(run, file, ['1=road'], ['rest'], out=out)
    assert result(out) == (('sky', 'road'), [-1, 1, 0, -1])
    with pytest.raises(InputError, match=f'^{file}: .*other clusters'):
        call(run / 'epoch_2.pth', file, out=out)


def test_options_do_not_make_a_file_fit_other_weights(checkpoint, tmp_path, out):
    file = tmp_path / 'names.yaml'
    write_names(file, Names((ClusterName(2, 'sky'),), 64 * '0'))
    with pytest.raises(InputError, match='other clusters'):
        call(checkpoint, file, ['1=road'], out=out)
    assert not out.exists()


def test_without_names_the_hash_is_told(trained, digest, out):
    with pytest.raises(InputError, match=f'4 clusters.*checkpoint: {digest}'):
        call(trained, out=out)


def test_errors_of_a_file_name_it(trained, checkpoint, digest, tmp_path, out):
    file = tmp_path / 'names.yaml'
    write_names(file, Names((ClusterName(4, 'sky'),), digest))
    with pytest.raises(InputError, match=f'^{file}: cluster 4 does not exist'):
        call(trained, file, out=out)
    with pytest.raises(InputError, match='^out must be another file'):
        call(trained, file, out=checkpoint)
    with pytest.raises(InputError, match='not both'):
        call(trained, file, from_labels=file.parent, out=out)
    assert not out.exists()


def test_clusters_to_split_are_divided_first(trained, digest, tmp_path, out):
    file = tmp_path / 'names.yaml'
    write_names(file, Names((ClusterName(1, 'sky'),), digest, split=(2,)))
    for options in (dict(), dict(settings=['2=road'])):
        with pytest.raises(InputError, match='split holds 2: run mmseg-picie refine'):
            call(trained, file, out=out, **options)
    assert not out.exists()


def test_labels_name_by_majority(checkpoint, camvid_root, table, out):
    data = dict(images=camvid_root / 'img', from_labels=camvid_root / 'ann')
    lines = call(checkpoint, table=table, out=out, device='cpu', **data)
    assert 'named by the majority of pixels in 10 labeled images' in lines
    model, _ = build_segmentor(out)
    clusters = Segmenter(checkpoint, 'cpu')
    labels = LabelFolder(camvid_root / 'img', camvid_root / 'ann', classes=CLASSES)
    counts = np.zeros((len(CLASSES), CLUSTERS), int)
    for image in labels.names:
        mask = clusters.predict(camvid_root / 'img' / image)
        np.add.at(counts, (labels.load(image), mask), 1)
    assert (counts.sum(0) > 0).all()
    called = [model.dataset_meta['classes'][i] for i in model.mask_ids]
    assert called == [CLASSES[i] for i in counts.argmax(0)]
    # A person has the last word.
    call(checkpoint, settings=['0=bird'], table=table, out=out, device='cpu', **data)
    classes, lookup = result(out)
    assert [classes[i] for i in lookup] == ['bird', *called[1:]]


@pytest.fixture
def partly(checkpoint, camvid_root, tmp_path):
    """A fit of the images, and labels of one class in one cluster's pixels alone."""
    loaded = load(checkpoint)
    cfg = stored_config(loaded, 'it')
    cfg.data_root = str(camvid_root / 'img')
    loaded['meta']['cfg'] = cfg.pretty_text
    torch.save(loaded, tmp_path / 'clusters.pth')
    mask = Segmenter(checkpoint, 'cpu').predict(camvid_root / 'img' / 'val_00.jpg')
    (tmp_path / 'labels').mkdir()
    scribble = np.where(mask == 2, 1, 255).astype('u1')
    cv2.imwrite(str(tmp_path / 'labels' / 'val_00.png'), scribble)
    return tmp_path


def test_unseen_clusters_are_guessed_and_said(partly, table):
    options = dict(from_labels=partly / 'labels', table=table, device='cpu')
    lines = call(partly, **options)
    assert result(partly / 'named.pth') == (('road',), [0, 0, 0, 0])
    (guess,) = (line for line in lines if 'nearest' in line)
    assert 'on no labeled pixel: clusters 0, 1, 3; each takes the name' in guess
    assert '  most frequent in no cluster, so not predicted: sky, tree, car' in lines
    lines = call(partly, ignore=['rest'], **options)
    assert result(partly / 'named.pth') == (('road',), [-1, -1, 0, -1])
    assert '  on no labeled pixel: clusters 0, 1, 3; ignored' in lines


def test_images_of_the_run_are_asked_for_where_they_are_gone(partly, table):
    loaded = load(partly / 'clusters.pth')
    cfg = stored_config(loaded, 'it')
    cfg.data_root = str(partly / 'gone')
    loaded['meta']['cfg'] = cfg.pretty_text
    torch.save(loaded, partly / 'clusters.pth')
    with pytest.raises(InputError, match='gone.*--images'):
        call(partly, from_labels=partly / 'labels', table=table, device='cpu')
