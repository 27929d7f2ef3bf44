"""ManifestHook: what it writes, and that it writes the same anywhere."""

import hashlib
import json
import os
import shutil
from types import SimpleNamespace

import mmengine
import pytest
import torch
from mmengine.dataset import ConcatDataset, RepeatDataset
from mmseg.datasets import BaseSegDataset
from small_run import run

import mmseg_picie
from mmseg_picie.engine.hooks import manifest_hook
from mmseg_picie.engine.hooks.manifest_hook import ManifestHook, describe_dataset
from mmseg_picie.errors import InputError


def make_dataset(root, names=('b', 'a')) -> BaseSegDataset:
    (root / 'img').mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / 'img' / f'{name}.jpg').touch()
    return BaseSegDataset(
        data_root=str(root),
        data_prefix=dict(img_path='img'),
        metainfo=dict(classes=('x',), palette=[[0, 0, 0]]),
    )


def make_runner(work_dir, **loops) -> SimpleNamespace:
    loops = {f'_{split}_loop': loop for split, loop in loops.items()}
    return SimpleNamespace(
        cfg=SimpleNamespace(filename='/some/where/picie.py'),
        model=None,
        seed=3,
        deterministic=False,
        world_size=1,
        work_dir=str(work_dir),
        log_dir=str(work_dir / 'log'),
        **loops,
    )


def make_loop(dataset, *metrics) -> SimpleNamespace:
    return SimpleNamespace(
        dataloader=SimpleNamespace(dataset=dataset),
        evaluator=SimpleNamespace(metrics=list(metrics)),
    )


class Metric:
    protocol = 'whole image'


def test_manifest_describes_built_loops_only(tmp_path):
    train = make_dataset(tmp_path / 'train')
    runner = make_runner(
        tmp_path / 'work',
        train=make_loop(train),
        val=make_loop(make_dataset(tmp_path / 'val', ['c']), Metric()),
        test=dict(type='TestLoop'),
    )
    ManifestHook().before_run(runner)
    files = list((tmp_path / 'work').iterdir())
    assert [f.name for f in files] == ['manifest.json']
    manifest = json.loads(files[0].read_text())

    assert manifest['versions']['mmseg_picie'] == mmseg_picie.__version__
    assert manifest['versions']['torch'] == torch.__version__
    assert manifest['versions']['mmengine'] == mmengine.__version__
    assert manifest['config'] == 'picie.py'
    assert manifest['seed'] == 3
    assert set(manifest['datasets']) == {'train', 'val'}
    assert manifest['datasets']['val']['num_images'] == 1
    assert manifest['protocols']['val'] == ['Metric: whole image']


def test_hash_is_of_the_ordered_relative_paths(tmp_path):
    entry = describe_dataset(make_dataset(tmp_path))
    expected = hashlib.sha256(b'img/a.jpg\nimg/b.jpg').hexdigest()
    assert entry == dict(
        type='BaseSegDataset',
        num_images=2,
        data_root=str(tmp_path),
        ann_file=None,
        images_sha256=expected,
    )


def test_hash_is_the_same_in_another_folder_and_differs_for_another_list(tmp_path):
    here = describe_dataset(make_dataset(tmp_path / 'one'))
    shutil.copytree(tmp_path / 'one', tmp_path / 'two')
    there = describe_dataset(make_dataset(tmp_path / 'two', ()))
    more = describe_dataset(make_dataset(tmp_path / 'two', ['c']))
    assert here['images_sha256'] == there['images_sha256']
    assert here['images_sha256'] != more['images_sha256']


def test_wrappers_list_their_parts(tmp_path):
    one, two = make_dataset(tmp_path / 'one'), make_dataset(tmp_path / 'two', ['c'])
    joined = describe_dataset(ConcatDataset([one, two]))
    assert joined['num_images'] == 3
    assert joined['parts'] == [describe_dataset(one), describe_dataset(two)]
    repeated = describe_dataset(RepeatDataset(two, times=2))
    assert repeated['num_images'] == 2
    assert repeated['parts'] == [describe_dataset(two)]


def test_a_test_run_leaves_the_trainings_manifest(tmp_path):
    (tmp_path / 'manifest.json').write_text('{}')
    runner = make_runner(tmp_path, test=make_loop(make_dataset(tmp_path), Metric()))
    ManifestHook().before_run(runner)
    assert (tmp_path / 'manifest.json').read_text() == '{}'
    (file,) = tmp_path.glob('*/manifest.json')
    manifest = json.loads(file.read_text())
    assert set(manifest['datasets']) == {'test'}


def test_an_interrupted_write_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / 'manifest.json'
    file.write_text('{"old": 1}')

    def fail(*_):
        raise OSError('disk full')

    monkeypatch.setattr(os, 'replace', fail)
    with pytest.raises(OSError, match='disk full'):
        manifest_hook.write_json(file, {'new': 1})
    assert file.read_text() == '{"old": 1}'


def test_filename_with_a_folder_is_refused():
    with pytest.raises(ValueError, match='a/b.json'):
        ManifestHook('a/b.json')


def test_a_run_that_goes_on_keeps_what_the_file_said_before(config, tmp_path):
    path = tmp_path / 'run' / 'manifest.json'
    run(config(rounds=1))
    first = json.loads(path.read_text())
    assert 'earlier' not in first
    kmeans = dict(kmeans=dict(batch_size=3))
    run(config(rounds=2, resume=True, default_hooks=kmeans))
    second = json.loads(path.read_text())
    assert second['earlier'] == [first]
    assert (second['after_round'], second['after_step']) == (1, 3)
    run(config(rounds=3, resume=True))
    third = json.loads(path.read_text())
    del second['earlier']
    assert third['earlier'] == [first, second]
    assert third['datasets'] == first['datasets']


def test_a_run_that_is_refused_leaves_the_file_as_it_is(config, tmp_path):
    run(config(rounds=1))
    path = tmp_path / 'run' / 'manifest.json'
    before = path.read_bytes()
    cfg = config(rounds=2, resume=True)
    cfg.model.decode_head.num_clusters = 9
    with pytest.raises(InputError, match='num_clusters'):
        run(cfg)
    assert path.read_bytes() == before
