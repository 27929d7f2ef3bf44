"""Which checkpoint the training of an interrupted fit goes on from."""

import numpy as np
import pytest
import torch
from PIL import Image

from mmseg_picie.errors import InputError
from mmseg_picie.inference import fitting, make_plan
from mmseg_picie.inference.fit_record import FitRecord


@pytest.fixture
def train(tmp_path, monkeypatch):
    """The training of a fit, which does not run; its config and what was said."""
    images, out = tmp_path / 'images', tmp_path / 'run'
    images.mkdir()
    for number in range(4):
        pixels = np.full((64, 64, 3), 40 * number, 'u1')
        Image.fromarray(pixels).save(images / f'{number}.png')

    plan = make_plan(images, clusters=4, rounds=3, out=out)

    def begin():
        ran, lines = [], []

        def run(cfg, say):
            ran.append(cfg)
            save(folder, 3)

        record = FitRecord(out, plan.settings, ['clusters', 'preview'], 1.0)
        monkeypatch.setattr(fitting, 'run', run)
        fitting._train(plan, record, out / 'first.pth', lines.append)
        return ran[0], lines

    folder = out / 'log' / 'training'
    folder.mkdir(parents=True)
    return folder, begin


def save(folder, epoch):
    meta = dict(epoch=epoch, time=f'2026010{epoch}_000000')
    content = dict(meta=meta, state_dict=dict(a=torch.ones(9)), message_hub={})
    torch.save(content, folder / f'epoch_{epoch}.pth')


def test_it_is_the_newest_whole_one(train):
    folder, begin = train
    for epoch in (1, 2, 3):
        save(folder, epoch)
    (folder / 'last_checkpoint').write_text('')
    damaged = folder / 'epoch_3.pth'
    damaged.write_bytes(damaged.read_bytes()[:300])
    cfg, lines = begin()
    assert cfg.resume
    assert cfg.load_from == str(folder / 'epoch_2.pth')
    assert any('epoch_3.pth' in line for line in lines)
    assert 'Training goes on after round 2 ...' in lines


def test_without_a_checkpoint_it_begins_with_the_first_clusters(train):
    folder, begin = train
    cfg, lines = begin()
    assert not cfg.get('resume')
    assert cfg.load_from.endswith('first.pth')
    assert 'Training PiCIE from these clusters ...' in lines


def test_damaged_ones_alone_are_no_reason_to_begin_again(train):
    folder, begin = train
    (folder / 'epoch_1.pth').write_text('hello')
    with pytest.raises(InputError, match=r'no checkpoint in .* is whole'):
        begin()
