"""Naming is exact: predict(named) == names[predict(clusters)] on every pixel."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.apis import MMSegInferencer, inference_model, init_model
from small_run import CLUSTERS, load, run

from mmseg_picie.checkpoints import (
    ClusterName,
    Names,
    build_segmentor,
    name_checkpoint,
    read_names,
    read_run_checkpoint,
    stored_config,
    weights_hash,
    write_names,
)
from mmseg_picie.cli import test as command
from mmseg_picie.errors import InputError

IGNORED = 255


@pytest.fixture(scope='module')
def checkpoint(trained):
    return trained / 'epoch_1.pth'


@pytest.fixture(scope='module')
def digest(checkpoint):
    return weights_hash(load(checkpoint)['state_dict'])


@pytest.fixture(scope='module')
def images(camvid_root):
    return sorted(str(path) for path in (camvid_root / 'img').glob('*.jpg'))


def masks_of(model, images):
    """One array of the masks of images of one size."""
    samples = [inference_model(model, image) for image in images]
    return np.stack([sample.pred_sem_seg.data[0].numpy() for sample in samples])


@pytest.fixture(scope='module')
def clusters(trained, checkpoint, images):
    config = Config.fromfile(trained / 'config.py')
    found = masks_of(init_model(config, str(checkpoint), device='cpu'), images)
    assert set(np.unique(found)) == set(range(CLUSTERS))
    return found


@pytest.fixture(scope='module')
def names(digest):
    """Two clusters merged, one ignored, one without an entry."""
    entries = (
        ClusterName(2, 'sky', '#0102ff'),
        ClusterName(0, 'sky'),
        ClusterName(1, None),
    )
    return Names(entries, digest)


@pytest.fixture(scope='module')
def named(checkpoint, names, tmp_path_factory):
    out = tmp_path_factory.mktemp('named') / 'new' / 'named.pth'
    name_checkpoint(checkpoint, names, out)
    return out


def model_of(path):
    """As a person with the file alone has it."""
    model, cfg = build_segmentor(path)
    model.cfg = cfg
    return model


def test_named_predicts_the_names_of_clusters_on_every_pixel(named, clusters, images):
    model = model_of(named)
    found = masks_of(model, images)
    called = {0: 'sky', 1: None, 2: 'sky', 3: 'cluster_3'}
    classes = model.dataset_meta['classes']
    assert classes == ('sky', 'cluster_3')
    assert set(np.unique(found)) == {0, 1, IGNORED}
    for cluster, name in called.items():
        index = IGNORED if name is None else classes.index(name)
        assert (found[clusters == cluster] == index).all()


@pytest.mark.parametrize('seed', range(3))
def test_any_names_are_exact(seed, checkpoint, digest, clusters, images, tmp_path):
    rng = np.random.default_rng(seed)
    order = rng.permutation(CLUSTERS)[: rng.integers(1, CLUSTERS + 1)]
    words = ['a', 'b', None]
    entries = [ClusterName(int(i), words[rng.integers(3)]) for i in order[1:]]
    entries.append(ClusterName(int(order[0]), 'last'))
    whole = name_checkpoint(
        checkpoint, Names(tuple(entries), digest), tmp_path / 'n.pth'
    )
    model = model_of(tmp_path / 'n.pth')
    by_id = {entry.id: entry.name for entry in whole.clusters}
    called = np.array([str(by_id[i]) for i in range(CLUSTERS)])
    shown = np.full(256, 'None', dtype='U20')
    shown[: len(model.dataset_meta['classes'])] = model.dataset_meta['classes']
    assert np.array_equal(shown[masks_of(model, images)], called[clusters])


def test_mmseg_loads_it_with_names_and_colors(trained, named, clusters, images):
    cfg_options = {'model.predict_as': 'classes'}
    config = Config.fromfile(trained / 'config.py')
    model = init_model(config, str(named), device='cpu', cfg_options=cfg_options)
    assert model.dataset_meta['classes'] == ('sky', 'cluster_3')
    assert model.dataset_meta['palette'][0] == [1, 2, 255]
    assert np.array_equal(masks_of(model, images), masks_of(model_of(named), images))
    # The config that the file holds says so by itself.
    stored = stored_config(load(named), 'it')
    model = init_model(stored, str(named), device='cpu')
    assert (masks_of(model, images) == IGNORED).sum() == (clusters == 1).sum() > 0


def test_inferencer_shows_the_colors(named, clusters, images):
    stored = stored_config(load(named), 'it')
    stored.visualizer = dict(type='SegLocalVisualizer', alpha=1.0)
    inferencer = MMSegInferencer(stored, str(named), device='cpu')
    drawn = inferencer(
        images[0], return_vis=True, opacity=1.0, with_labels=False, show=False
    )['visualization']
    shown = drawn.reshape(*clusters.shape[1:], 3)
    palette = load(named)['meta']['dataset_meta']['palette']
    for cluster, color in ((0, palette[0]), (2, palette[0]), (3, palette[1])):
        pixels = shown[clusters[0] == cluster]
        assert len(pixels) and (pixels == color).all()


def test_test_tool_scores_the_classes(
    trained, checkpoint, digest, clusters, images, tmp_path
):
    """mmseg's own metric; the names begin as those of the data set do."""
    called = {3: 'sky', 1: 'building', 0: 'pole', 2: 'road'}
    entries = tuple(ClusterName(i, name) for i, name in called.items())
    name_checkpoint(checkpoint, Names(entries, digest), tmp_path / 'named.pth')
    config = Config.fromfile(trained / 'config.py')
    config.test_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
    config.dump(tmp_path / 'config.py')
    argv = [str(tmp_path / 'config.py'), str(tmp_path / 'named.pth')]
    argv += ['--work-dir', str(tmp_path / 'work'), '--out', str(tmp_path / 'masks')]
    argv += ['--cfg-options', 'model.predict_as=classes']
    assert command.main(argv) == 0
    lookup = np.array([2, 1, 3, 0])
    for image, mask in zip(images, clusters, strict=True):
        if Path(image).stem.startswith('val'):
            written = tmp_path / 'masks' / f'{Path(image).stem}.png'
            assert np.array_equal(cv2.imread(str(written), -1), lookup[mask])


def test_file_holds_what_inference_needs_and_nothing_of_the_run(named, checkpoint):
    source, copy = load(checkpoint), load(named)
    assert set(copy) == {'meta', 'state_dict'}
    assert named.stat().st_size < checkpoint.stat().st_size
    torch.load(named, weights_only=True)
    for name, value in source['state_dict'].items():
        if not name.endswith('cluster_to_class'):
            assert torch.equal(copy['state_dict'][name], value)
    assert copy['meta']['epoch'] == source['meta']['epoch']


def test_config_says_classes_and_else_stays(named, checkpoint):
    before = stored_config(load(checkpoint), 'it').to_dict()
    after = stored_config(load(named), 'it').to_dict()
    assert after['model'].pop('predict_as') == 'classes'
    assert after == before


def test_named_checkpoint_is_named_again_by_cluster_ids(
    named, checkpoint, digest, clusters, images, tmp_path
):
    assert weights_hash(load(named)['state_dict']) == digest
    entries = ClusterName(1, 'road'), ClusterName(3, 'sky')
    again = Names(entries, digest)
    name_checkpoint(named, again, tmp_path / 'again.pth')
    name_checkpoint(checkpoint, again, tmp_path / 'first.pth')
    found = masks_of(model_of(tmp_path / 'again.pth'), images)
    assert np.array_equal(found, masks_of(model_of(tmp_path / 'first.pth'), images))
    assert (found[clusters == 1] == 0).all()


def test_names_file_names_a_checkpoint(named, names, checkpoint, tmp_path):
    write_names(tmp_path / 'names.yaml', names)
    read = read_names(tmp_path / 'names.yaml')
    name_checkpoint(checkpoint, read, tmp_path / 'named.pth')
    first, second = load(named), load(tmp_path / 'named.pth')
    assert first['meta'] == second['meta']
    ours = first['state_dict']['decode_head.cluster_to_class']
    assert torch.equal(ours, second['state_dict']['decode_head.cluster_to_class'])


def test_names_of_other_weights_are_refused(checkpoint, digest, names, tmp_path):
    loaded = load(checkpoint)
    loaded['state_dict']['decode_head.eval_centroids'][0, 0] += 1e-3
    torch.save(loaded, tmp_path / 'other.pth')
    other = weights_hash(loaded['state_dict'])
    assert other != digest
    with pytest.raises(InputError, match=f'{digest}.*{other}.*other clusters'):
        name_checkpoint(tmp_path / 'other.pth', names, tmp_path / 'out.pth')
    assert not (tmp_path / 'out.pth').exists()


def test_what_cannot_be_named_is_refused(checkpoint, digest, names, tmp_path):
    with pytest.raises(InputError, match='another file than the checkpoint'):
        name_checkpoint(checkpoint, names, checkpoint)
    with pytest.raises(InputError, match=f'has {CLUSTERS} clusters, ids from 0 to'):
        wrong = Names((ClusterName(CLUSTERS, 'a'),), digest)
        name_checkpoint(checkpoint, wrong, tmp_path / 'out.pth')
    torch.save(dict(state_dict={'backbone.a': torch.ones(1)}), tmp_path / 'resnet.pth')
    with pytest.raises(InputError, match='does not predict clusters'):
        name_checkpoint(tmp_path / 'resnet.pth', names, tmp_path / 'out.pth')
    torch.save({'a': torch.ones(1)}, tmp_path / 'weights.pth')
    with pytest.raises(InputError, match='no checkpoint of a training run'):
        name_checkpoint(tmp_path / 'weights.pth', names, tmp_path / 'out.pth')
    assert not (tmp_path / 'out.pth').exists()


def test_checkpoint_without_a_config_is_named(checkpoint, names, tmp_path):
    """A converted one of the released code has none."""
    loaded = load(checkpoint)
    del loaded['meta']['cfg']
    torch.save(loaded, tmp_path / 'converted.pth')
    name_checkpoint(tmp_path / 'converted.pth', names, tmp_path / 'named.pth')
    meta = load(tmp_path / 'named.pth')['meta']
    assert 'cfg' not in meta
    assert meta['dataset_meta']['classes'] == ('sky', 'cluster_3')


def test_hash_of_the_file_is_that_of_its_network(checkpoint, named, digest):
    for path in (checkpoint, named):
        assert weights_hash(build_segmentor(path)[0].state_dict()) == digest


def test_training_begins_with_a_named_checkpoint_but_does_not_resume(
    config, named, digest
):
    cfg = config(load_from=str(named))
    run(cfg)
    # Its clusters are new ones, so that nothing is left of the names.
    loaded = load(Path(cfg.work_dir) / 'epoch_1.pth')
    assert weights_hash(loaded['state_dict']) != digest
    assert (loaded['state_dict']['decode_head.cluster_to_class'] == -1).all()
    assert loaded['meta']['dataset_meta']['classes'][0] == 'cluster_0'
    with pytest.raises(InputError, match='no checkpoint of a training run'):
        read_run_checkpoint(str(named), resume=True)
