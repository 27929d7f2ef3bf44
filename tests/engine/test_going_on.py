"""A run that goes on obeys its config; what differs is said, what cannot be refused."""

import json
import math
import shutil
from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MMLogger
from small_run import assert_same, load, make_config, run, state, write_camvid

from mmseg_picie.checkpoints import Difference
from mmseg_picie.engine.rounds import going_on
from mmseg_picie.errors import InputError

RATE = 1e-3
STEPS = 3  # of a round: 7 images in threes


def cosine(rounds):
    return [
        dict(type='CosineAnnealingLR', by_epoch=True, end=rounds)
        | dict(convert_to_iter_based=True)
    ]


@pytest.fixture(scope='module')
def whole(camvid_root, tmp_path_factory):
    """Work directory of a run of two rounds that nothing interrupted."""
    work_dir = tmp_path_factory.mktemp('whole') / 'run'
    cfg = make_config(camvid_root, work_dir, rounds=2)
    cfg.param_scheduler = cosine(2)
    run(cfg)
    return work_dir


@pytest.fixture
def first_round(whole, tmp_path):
    """A copy of it as if it had been interrupted in the second round."""
    work_dir = tmp_path / 'run'
    shutil.copytree(whole, work_dir)
    (work_dir / 'epoch_2.pth').unlink()
    (work_dir / 'last_checkpoint').write_text('epoch_1.pth')
    record = json.loads((work_dir / 'checkpoints.json').read_text())
    record['validated'] = 'epoch_1.pth'
    (work_dir / 'checkpoints.json').write_text(json.dumps(record))
    return work_dir


@pytest.fixture
def go_on(camvid_root, first_round, monkeypatch):
    """Goes on with it; the runner and the lines that were told."""

    def go(rounds=2, schedule=2, root=None, **overrides):
        lines = []
        monkeypatch.setattr(going_on, 'tell', lambda line, _: lines.append(line))
        root = root or camvid_root
        cfg = make_config(root, first_round, rounds=rounds, resume=True, **overrides)
        cfg.param_scheduler = cosine(schedule) if schedule else []
        return run(cfg), lines

    return go


def rates(runner):
    """The learning rate of every step that is known."""
    return list(runner.message_hub.get_scalar('train/lr').data[0])


def cosine_rate(step, steps):
    return RATE * (1 + math.cos(math.pi * step / steps)) / 2


def test_an_unchanged_config_says_nothing(go_on):
    runner, lines = go_on()
    assert lines == []
    expected = [cosine_rate(step, 2 * STEPS) for step in range(2 * STEPS)]
    assert rates(runner) == pytest.approx(expected)


def test_more_rounds_have_their_own_schedule_from_where_the_run_is(go_on):
    runner, lines = go_on(rounds=4, schedule=4)
    expected = [cosine_rate(step, 4 * STEPS) for step in range(STEPS, 4 * STEPS)]
    assert rates(runner)[STEPS:] == pytest.approx(expected)
    assert lines[0].startswith('goes on after round 1')
    assert '  train_cfg.max_epochs: 2 then, 4 now' in lines
    assert '  param_scheduler.0.end: 2 then, 4 now' in lines


def test_more_rounds_than_the_schedule_has_are_refused_with_what_helps(go_on):
    with pytest.raises(InputError, match=r'set param_scheduler\.0\.end=3'):
        go_on(rounds=3, schedule=2)


def test_another_batch_size_goes_on_at_the_position_of_the_rounds(go_on):
    runner, lines = go_on(batch_size=2)
    steps = math.ceil(7 / 2)
    assert runner.iter == 2 * steps
    expected = [cosine_rate(step, 2 * steps) for step in range(steps, 2 * steps)]
    assert rates(runner)[STEPS:] == pytest.approx(expected)
    assert '  train_dataloader.batch_size: 3 then, 2 now' in lines
    assert f'  steps of a round: {STEPS} then, {steps} now' in lines


def test_rate_and_options_of_the_optimizer_are_those_of_the_config(go_on, tmp_path):
    optimizer = dict(lr=5e-4, weight_decay=0.1)
    runner, lines = go_on(schedule=None, optim_wrapper=dict(optimizer=optimizer))
    assert rates(runner)[STEPS:] == [5e-4] * STEPS
    assert '  optim_wrapper.optimizer.lr: 0.001 then, 0.0005 now' in lines
    stored = load(tmp_path / 'run' / 'epoch_2.pth')['optimizer']
    assert stored['param_groups'][0]['weight_decay'] == 0.1
    # The moments are those of both rounds.
    assert {int(one['step']) for one in stored['state'].values()} == {2 * STEPS}


def test_another_optimizer_begins_its_moments_anew_and_says_so(go_on):
    wrapper = dict(optimizer=dict(_delete_=True, type='SGD', lr=0.01, momentum=0.9))
    runner, lines = go_on(optim_wrapper=wrapper)
    assert '  the moments of the optimizer begin anew: it is another one' in lines
    assert rates(runner)[STEPS] == pytest.approx(0.005)  # half way of the cosine


def test_a_schedule_that_is_put_is_the_one_that_was_stored(go_on, whole, tmp_path):
    # A setting that changes nothing lets all be put anew.
    _, lines = go_on(train_cfg=dict(val_begin=1))
    assert lines[1:] == ['  train_cfg.val_begin: not set then, 1 now']
    assert_same(state(tmp_path / 'run', 2), state(whole, 2))
    states = [load(folder / 'epoch_2.pth') for folder in (tmp_path / 'run', whole)]
    first, second = (one['param_schedulers'][0] for one in states)
    for name in ('last_step', '_last_value', 'base_values', 'end', 'begin'):
        assert first[name] == second[name], name


def test_another_seed_of_the_config_counts_for_all_draws(go_on):
    runner, lines = go_on(randomness=dict(seed=9))
    assert runner.seed == 9
    assert '  randomness.seed: 5 then, 9 now' in lines


@pytest.mark.parametrize(
    'key, forgets',
    [
        ('default_hooks.checkpoint.save_best', True),
        ('default_hooks.checkpoint.save_best.0', True),
        ('default_hooks.checkpoint.rule', True),
        ('val_evaluator.type', True),
        ('val_dataloader.dataset.data_root', True),
        ('val_dataloader.num_workers', False),
    ],
)
def test_what_measures_the_best_forgets_it_when_it_changes(key, forgets):
    info = dict(best_score=1.0, best_ckpt='b.pth', iter=3)
    checkpoint = dict(
        meta=dict(epoch=1, iter=3), message_hub=dict(runtime_info=dict(info))
    )
    runner = SimpleNamespace(_randomness_cfg={}, logger=MMLogger('going_on'))
    difference = Difference(key, 1, 2)
    going_on.obey_config(runner, checkpoint, [difference])
    expected = dict(iter=3) if forgets else info
    assert checkpoint['message_hub']['runtime_info'] == expected


def test_the_best_is_chosen_anew_by_another_measure(first_round, go_on, tmp_path):
    path = first_round / 'epoch_1.pth'
    content = load(path)
    # As a run that chose by another measure leaves it.
    content['message_hub']['runtime_info'].update(best_score=101.0, best_ckpt='b.pth')
    torch.save(content, path)
    go_on(default_hooks=dict(checkpoint=dict(save_best='mIoU', rule='greater')))
    assert (tmp_path / 'run' / 'best_mIoU_epoch_2.pth').is_file()


@pytest.fixture
def other_images(tmp_path):
    """As many images of the same content, of other names."""
    root = tmp_path / 'other'
    write_camvid(root)
    for path in (root / 'img').glob('train_*.jpg'):
        path.rename(path.with_name(path.name.replace('train', 'scene')))
    split = root / 'splits' / 'train.txt'
    split.write_text(split.read_text().replace('train', 'scene'))
    return root


def test_other_images_of_the_same_number_are_refused(go_on, other_images):
    with pytest.raises(InputError, match=r'began with other images .*7 \(.* then, .*7'):
        go_on(root=other_images)


def test_other_images_that_are_wanted_are_said(go_on, other_images):
    hooks = dict(cluster_checkpoint=dict(images='any'))
    _, lines = go_on(root=other_images, default_hooks=hooks)
    assert any(line.startswith('  training images: ') for line in lines)


def test_the_same_images_in_another_place_go_on(go_on, tmp_path):
    write_camvid(tmp_path / 'moved')
    _, lines = go_on(root=tmp_path / 'moved')
    assert any('data_root' in line for line in lines)
    assert not any('training images' in line for line in lines)


@pytest.mark.parametrize(
    'model, words',
    [
        (
            dict(decode_head=dict(num_clusters=9)),
            r'num_clusters 4, the config says 9.*num_clusters: 4 then, 9 now',
        ),
        (dict(backbone=dict(depth=34)), r'model\.backbone\.depth: 18 then, 34 now'),
    ],
)
def test_another_network_is_refused_with_the_difference(go_on, model, words):
    with pytest.raises(InputError, match=words):
        go_on(model=model)


def test_no_config_of_a_checkpoint_is_run(go_on, first_round, tmp_path):
    file, traces = first_round / 'epoch_1.pth', tmp_path / 'traces'
    content = load(file)
    content['meta']['config'] = f"made = __import__('os').mkdir({str(traces)!r})"
    torch.save(content, file)
    runner, _ = go_on()
    assert runner.epoch == 2
    assert not traces.exists()
