"""A cluster of two colors is divided into its colors; everything else stays."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from PIL import Image

from mmseg_picie.checkpoints import (
    ClusterName,
    Names,
    read_names,
    weights_hash,
    write_names,
)
from mmseg_picie.cli.refine import refine as refine_command
from mmseg_picie.errors import InputError, MissingFileError
from mmseg_picie.inference import Segmenter, refine

# Cluster 0 mixes red and orange, twice as much red.
RED, ORANGE, BLUE, GRAY = (220, 30, 30), (220, 120, 30), (30, 30, 220), (128, 128, 128)
CENTROIDS = [(220, 60, 30), BLUE, GRAY]
STRIPES = [RED, RED, ORANGE, BLUE, GRAY]
WIDTH = 8
NOISE = 6


@pytest.fixture(scope='module')
def images(tmp_path_factory):
    """Stripes of noisy colors; one image in a sub-folder."""
    folder = tmp_path_factory.mktemp('images')
    (folder / 'deep').mkdir()
    rng = np.random.default_rng(0)
    for name in ('a.png', 'b.png', 'deep/c.png'):
        rows = np.repeat(np.array(STRIPES), WIDTH, 0)
        image = np.repeat(rows[None], 24, 0) + rng.normal(0, NOISE, (24, 40, 3))
        image = image.round().clip(0, 255).astype('u1')
        Image.fromarray(image).save(folder / name)
    return folder


@pytest.fixture(scope='module')
def run(images, tmp_path_factory):
    """A folder of a run that clusters colors."""
    model = dict(
        type='PiCIE',
        data_preprocessor=dict(
            type='ViewsDataPreProcessor',
            mean=[128.0] * 3,
            std=[128.0] * 3,
            bgr_to_rgb=True,
        ),
        backbone=dict(type='PixelColors'),
        decode_head=dict(
            type='ClusteringHead',
            in_channels=3,
            num_clusters=3,
            normalize=False,
            loss=dict(type='ClusteringLoss'),
        ),
        test_cfg=dict(mode='whole'),
    )
    init_default_scope('mmseg')
    network = MODELS.build(model)
    centroids = (torch.tensor(CENTROIDS).float() - 128) / 128
    network.decode_head.set_eval_clusters(
        centroids, torch.tensor([300.0, 100.0, 100.0]), num_rounds=2
    )
    cfg = dict(model=model, data_root=str(images), test_pipeline=[])
    meta = dict(cfg=Config(cfg, format_python_code=False).pretty_text)
    folder = tmp_path_factory.mktemp('run')
    state = network.state_dict()
    torch.save(dict(meta=meta, state_dict=state), folder / 'clusters.pth')
    return folder


@pytest.fixture(scope='module')
def names(run):
    state = torch.load(run / 'clusters.pth')['state_dict']
    entries = (ClusterName(1, 'sea', '#0000aa'), ClusterName(2, None))
    return Names(entries, weights_hash(state), split=(0,))


@pytest.fixture(scope='module')
def refined(run, names, images, tmp_path_factory):
    lines = []
    out = tmp_path_factory.mktemp('refined') / 'new'
    segmenter = Segmenter(run, 'cpu')
    return refine(segmenter, names, images, out, lines.append, parts=2), lines


def masks(folder):
    return {
        path.relative_to(folder).as_posix(): np.array(Image.open(path))
        for path in sorted(Path(folder).rglob('*.png'))
    }


def test_two_colors_become_two_clusters_and_the_others_stay(refined, run, images):
    found, _ = refined
    assert found.ids == {0: (0, 3)}
    expected = np.repeat([0, 0, 3, 1, 2], WIDTH)
    written = masks(found.model.parent / 'masks')
    assert sorted(written) == ['a.png', 'b.png', 'deep/c.png']
    before = Segmenter(run, 'cpu')
    for name, mask in written.items():
        assert np.array_equal(mask, np.broadcast_to(expected, mask.shape))
        old = before.predict(images / name)
        assert np.array_equal(np.where(mask == 3, 0, mask), old)
    assert found.changed == 0
    assert found.num_clusters == 4


def test_new_model_has_centroids_and_sizes_of_the_parts(refined, run, images):
    found, _ = refined
    head = Segmenter(found.model, 'cpu').model.decode_head
    old = Segmenter(run, 'cpu').model.decode_head
    pixels = np.concatenate(
        [np.array(Image.open(p)) for p in sorted(images.rglob('*.png'))]
    )
    means = [
        (pixels[:, columns].reshape(-1, 3).mean(0) - 128) / 128
        for columns in (slice(0, 2 * WIDTH), slice(2 * WIDTH, 3 * WIDTH))
    ]
    parts = head.eval_centroids[[0, 3]].numpy()
    assert np.allclose(parts, means, atol=1e-5)
    assert torch.equal(head.eval_centroids[1:3], old.eval_centroids[1:])
    assert torch.equal(head.score_weight[1:3], old.score_layer()[0][1:])
    assert torch.equal(head.score_bias[1:3], old.score_layer()[1][1:])
    assert torch.allclose(
        head.eval_cluster_size, torch.tensor([200.0, 100.0, 100.0, 100.0]).double()
    )
    assert int(head.centroids_round) == 2
    assert head.centroids.shape == (2, 4, 3)


def test_names_are_kept_for_the_new_weights(refined, names):
    found, _ = refined
    kept = read_names(found.names)
    assert kept.clusters == names.clusters
    assert kept.split == ()
    state = torch.load(found.model)['state_dict']
    assert kept.checkpoint == weights_hash(state) != names.checkpoint
    assert kept.complete(4).classes == ('sea', 'cluster_0', 'cluster_3')


def test_results_are_those_of_a_fit(refined):
    found, lines = refined
    folder = found.model.parent
    for name in ('contact_sheet.png', 'clusters/page_1.jpg', 'clusters.csv'):
        assert (folder / name).is_file()
    assert len(list((folder / 'overlays').rglob('*.jpg'))) == 3
    config = Config.fromfile(folder / 'config.py')
    assert config.model.decode_head.num_clusters == 4
    head = MODELS.build(config.model).decode_head
    assert head.score_weight.shape == (4, 3)
    assert lines == [
        f'Dividing 1 clusters by 3 images of {lines[0].split(" of ")[1]}',
        '  cluster 0 -> 0, 3 (67, 33 % of it)',
        '  0.00 % of all pixels go from one cluster to another',
    ]


def test_parts_are_divided_once_more(refined, images, tmp_path):
    found, _ = refined
    names = Names((), read_names(found.names).checkpoint, split=(3, 1))
    segmenter = Segmenter(found.model, 'cpu')
    again = refine(segmenter, names, images, tmp_path, lambda _: None, parts=3)
    assert again.ids == {3: (3, 4, 5), 1: (1, 6, 7)}
    wholes = np.array([0, 1, 2, 3, 3, 3, 1, 1])
    first, second = masks(found.model.parent / 'masks'), masks(tmp_path / 'masks')
    for name, mask in second.items():
        assert np.array_equal(wholes[mask], first[name])
    assert set(np.unique(np.stack(list(second.values())))) == set(range(8))


def test_segmenter_keeps_the_names_it_gave(run, images, tmp_path):
    segmenter = Segmenter(run, 'cpu').name({1: 'sea', 2: None})
    lines = []
    found = segmenter.refine([0], tmp_path / 'new', parts=2, say=lines.append)
    assert found.classes == ('sea', 'cluster_0', 'cluster_3')
    expected = np.repeat([1, 1, 2, 0, 255], WIDTH)
    assert (found.predict(images / 'a.png') == expected).all()
    plain = Segmenter(run, 'cpu').refine([0], tmp_path / 'b', 2, say=lines.append)
    assert plain.classes == tuple(f'cluster_{i}' for i in range(4))
    with pytest.raises(InputError, match='cluster 1 is in split and has an entry'):
        segmenter.refine([1], tmp_path / 'c')
    assert not (tmp_path / 'c').exists()


def command(run, names, **options):
    lines = []
    options = dict(dict(parts=2), **options)
    refine_command(run, names, lines.append, device='cpu', **options)
    return lines


def test_command_says_what_to_do_next(run, names, tmp_path):
    write_names(tmp_path / 'names.yaml', names)
    out = tmp_path / 'out'
    lines = command(run, tmp_path / 'names.yaml', out=out)
    assert f'{out}: 4 clusters, 2 of them named as before' in lines
    assert lines[-1] == f'  mmseg-picie name {out} names.yaml'
    page = (out / 'report.html').read_text()
    assert read_names(out / 'names.yaml').checkpoint in page
    assert 'sea' in page
    with pytest.raises(InputError, match='is not an empty folder'):
        command(run, tmp_path / 'names.yaml', out=out)


def test_results_lie_below_the_run(run, names, tmp_path):
    copy = tmp_path / 'run'
    copy.mkdir()
    (copy / 'clusters.pth').write_bytes((run / 'clusters.pth').read_bytes())
    write_names(tmp_path / 'names.yaml', names)
    command(copy, tmp_path / 'names.yaml')
    assert (copy / 'refined' / 'names.yaml').is_file()


def test_unreadable_images_are_left_out_and_said(run, names, images, tmp_path):
    folder = tmp_path / 'images'
    folder.mkdir()
    cv2.imwrite(str(folder / 'a.png'), cv2.imread(str(images / 'a.png')))
    (folder / 'b.png').write_bytes(b'no image')
    lines = []
    segmenter = Segmenter(run, 'cpu')
    refine(segmenter, names, folder, tmp_path / 'out', lines.append, parts=2)
    assert any('left out: b.png' in line for line in lines)


@pytest.mark.parametrize(
    ('split', 'options', 'words'),
    [
        ((), dict(), '^{file}: no cluster is marked'),
        ((3,), dict(), '^{file}: cluster 3 does not exist'),
        (
            (0,),
            dict(images='gone'),
            '^the images of the run are not in gone: .*--images',
        ),
        ((0,), dict(images='{folder}'), '^{folder} holds no image'),
        ((0,), dict(out='{run}'), '^out {run} is not an empty folder'),
        ((0,), dict(parts=1), '^parts must be >= 2, got 1'),
        ((0,), dict(parts=5000), 'too few for 5000 parts'),
    ],
)
def test_what_cannot_be_meant_is_refused(run, names, tmp_path, split, options, words):
    file = tmp_path / 'names.yaml'
    write_names(file, Names((), names.checkpoint, split))
    places = dict(file=file, folder=tmp_path, run=run)
    options = {
        key: value.format(**places) if isinstance(value, str) else value
        for key, value in options.items()
    }
    with pytest.raises(InputError, match=words.format(**places)):
        command(run, file, **dict(dict(out=tmp_path / 'out'), **options))
    assert not (tmp_path / 'out').exists()


def test_names_of_other_weights_are_refused(run, tmp_path):
    file = tmp_path / 'names.yaml'
    write_names(file, Names((), 64 * '0', (0,)))
    for given in (run, run / 'clusters.pth'):
        with pytest.raises(InputError, match='other clusters'):
            command(given, file)
    with pytest.raises(MissingFileError):
        command(run, tmp_path / 'none.yaml')
    assert not (run / 'refined').exists()
