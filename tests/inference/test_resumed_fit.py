"""A fit that was interrupted goes on, and ends as if nothing had happened."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from mmseg_picie.checkpoints import packaged_file, read_run_checkpoint, weights_hash
from mmseg_picie.datasets.scenes import draw_scene
from mmseg_picie.errors import InputError
from mmseg_picie.inference import describe_plan, fit, fitting, make_plan

CLUSTERS = 4
ROUNDS = 4


@pytest.fixture(scope='module')
def images(tmp_path_factory):
    """Ten scenes of 64 px."""
    try:
        packaged_file('efficientnet-lite0')
    except InputError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp('scenes')
    for number in range(10):
        image, _ = draw_scene(0, number, (64, 64))
        Image.fromarray(image[..., ::-1]).save(folder / f'{number}.png')
    return folder


def plan_of(images, out, **options):
    options = dict(dict(clusters=CLUSTERS, rounds=ROUNDS), **options)
    return make_plan(images, out=out, **options)


def go_on(images, out, **options):
    """What a fit says that goes on, and the hash of its model."""
    plan = plan_of(images, out, **options)
    assert plan.resumes
    lines = describe_plan(plan)
    model = fit(plan, lines.append)
    return lines, hash_of(model)


def hash_of(model):
    return weights_hash(read_run_checkpoint(str(model))['state_dict'])


@pytest.fixture(scope='module')
def whole(images, tmp_path_factory):
    """The folder of a fit that nothing interrupted."""
    out = tmp_path_factory.mktemp('whole') / 'run'
    fit(plan_of(images, out), lambda _: None)
    return out


def interrupted(whole, out, done):
    """A copy of a fit as if it had been interrupted after some steps."""
    shutil.copytree(whole, out)
    path = out / 'log' / 'plan.json'
    content = json.loads(path.read_text())
    path.write_text(json.dumps(dict(content, done=done)))
    return out


def assert_whole(out, images):
    names = sorted(path.name for path in images.iterdir())
    for folder in (out, out / 'preview'):
        for name in ('clusters.pth', 'config.py', 'clusters.csv', 'contact_sheet.png'):
            assert (folder / name).is_file()
        assert sorted(path.name for path in (folder / 'masks').glob('*.png')) == names
        assert (folder / 'clusters' / 'page_1.jpg').is_file()
    assert json.loads((out / 'log' / 'plan.json').read_text())['done'] == [
        'clusters',
        'preview',
        'training',
        'results',
    ]


@pytest.mark.slow
def test_fit_killed_in_training_ends_as_one_that_was_not(images, whole, tmp_path):
    out = tmp_path / 'run'
    command = [sys.executable, '-m', 'mmseg_picie_command', 'fit', str(images)]
    command += ['--clusters', str(CLUSTERS), '--rounds', str(ROUNDS), '--out', str(out)]
    process = subprocess.Popen(
        command, preexec_fn=os.setpgrp, stdout=subprocess.DEVNULL
    )
    try:
        end = time.monotonic() + 600
        while not (out / 'log' / 'training' / 'epoch_1.pth').is_file():
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.01)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (out / 'clusters.pth').exists()
    first = (out / 'log' / 'clusters' / 'epoch_1.pth').stat().st_mtime_ns
    with pytest.raises(InputError, match='--clusters was 4 and is 5'):
        plan_of(images, out, clusters=5)
    lines, digest = go_on(images, out)
    assert lines[0] == (
        'goes on with the fit that was interrupted: its first clusters are there'
    )
    assert not any('Clustering the pretrained' in line for line in lines)
    assert any(line.startswith('Training goes on after round ') for line in lines)
    assert not any(f'round 1 of {ROUNDS}' in line for line in lines)
    assert any(f'round {ROUNDS} of {ROUNDS}' in line for line in lines)
    assert digest == hash_of(whole / 'clusters.pth')
    assert (out / 'log' / 'clusters' / 'epoch_1.pth').stat().st_mtime_ns == first
    assert_whole(out, images)
    with pytest.raises(InputError, match='is not an empty folder'):
        plan_of(images, out)


@pytest.mark.parametrize(
    ('done', 'progress', 'runs'),
    [
        # Killed between the last checkpoint and the note that the training is over.
        (['clusters'], 'its first clusters are there', ['EpochBasedTrainLoop']),
        (['clusters', 'preview', 'training'], 'its training is over', []),
    ],
)
def test_only_what_is_not_done_is_done(
    images, whole, tmp_path, monkeypatch, done, progress, runs
):
    out = interrupted(whole, tmp_path / 'run', done)
    (out / 'masks' / '3.png').unlink()
    if 'preview' not in done:
        (out / 'preview' / 'masks' / '3.png').unlink()
    (out / 'mine.txt').write_text('mine')
    found = []

    def run(cfg, say):
        found.append(cfg.train_cfg.type)
        return original(cfg, say)

    original = fitting.run
    monkeypatch.setattr(fitting, 'run', run)
    lines, digest = go_on(images, out)
    assert lines[0] == f'goes on with the fit that was interrupted: {progress}'
    assert found == runs
    assert not any(f' of {ROUNDS}' in line for line in lines)
    assert digest == hash_of(whole / 'clusters.pth')
    assert_whole(out, images)
    for path in (whole / 'masks').glob('*.png'):
        masks = [
            Image.open(folder / path.name) for folder in (path.parent, out / 'masks')
        ]
        assert np.array_equal(*map(np.array, masks))
    assert (out / 'clusters.csv').read_bytes() == (whole / 'clusters.csv').read_bytes()
    assert (out / 'mine.txt').read_text() == 'mine'


@pytest.mark.parametrize(
    ('options', 'words'),
    [
        (dict(clusters=3), '--clusters was 4 and is 3'),
        (dict(size=32, seed=1), '--seed was 0 and is 1; --size was 64 and is 32'),
        (dict(rounds=None), '--minutes was None and is 5; --rounds was 4 and is None'),
        (dict(any_rotation=True), '--any-rotation was False and is True'),
    ],
)
def test_other_settings_are_refused(images, whole, tmp_path, options, words):
    out = interrupted(whole, tmp_path / 'run', ['clusters'])
    with pytest.raises(InputError, match=f'{out} holds .*: {words}. Set them'):
        plan_of(images, out, **options)


def test_other_images_are_refused(images, whole, tmp_path):
    out = interrupted(whole, tmp_path / 'run', ['clusters'])
    other = tmp_path / 'scenes'
    shutil.copytree(images, other)
    with pytest.raises(InputError, match='IMAGES was .* and is'):
        plan_of(other, out)
    path = out / 'log' / 'plan.json'
    path.write_text(path.read_text().replace(str(images), str(other)))
    assert plan_of(other, out).resumes
    (other / '1.png').rename(other / 'one.png')
    with pytest.raises(InputError, match='names of images was .* and is'):
        plan_of(other, out)
    (other / 'one.png').unlink()
    with pytest.raises(InputError, match='number of images was 10 and is 9'):
        plan_of(other, out)


@pytest.mark.parametrize(
    'text', ['', '[]', '{"a": 1}', '{"settings": 3}', '{"settings": {}, "done": ["x"]}']
)
def test_record_that_no_fit_wrote_is_refused(images, tmp_path, text):
    (tmp_path / 'log').mkdir()
    (tmp_path / 'log' / 'plan.json').write_text(text)
    with pytest.raises(InputError, match='plan.json is no record of a fit'):
        plan_of(images, tmp_path)


def test_interrupted_fit_is_found_without_its_folder(
    images, whole, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    name = images.name
    assert str(plan_of(images, None).out) == f'runs/{name}'
    interrupted(whole, tmp_path / 'runs' / name, ['clusters'])
    plan = plan_of(images, None)
    assert (str(plan.out), plan.resumes) == (f'runs/{name}', True)
    other = plan_of(images, None, clusters=5)
    assert (str(other.out), other.resumes) == (f'runs/{name}_2', False)
    shutil.copytree(whole, tmp_path / 'runs' / f'{name}_2')
    later = plan_of(images, None)
    assert (str(later.out), later.resumes) == (f'runs/{name}_3', False)
