"""tools/linear_probe.py on a finished run of small images."""

import json

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS

from mmseg_picie.cli import linear_probe
from mmseg_picie.cli.labeled_images import labeled_training_set
from mmseg_picie.inference.embedding_network import EmbeddingNetwork
from mmseg_picie.inference.labeled_embeddings import LabeledEmbeddings

ARGUMENTS = ('--epochs', '2', '--batch-size', '3', '--lr', '0.05')


def probe(trained, work_dir, *arguments):
    argv = [str(trained / 'config.py'), str(trained / 'epoch_1.pth')]
    argv += ['--work-dir', str(work_dir), *ARGUMENTS, *arguments]
    return linear_probe.main(argv)


def weights(work_dir):
    return torch.load(work_dir / 'linear_probe.pth', weights_only=True)['state_dict']


def assert_error(capsys, code, *words):
    err = capsys.readouterr().err
    assert code == 2
    assert err.startswith('error: ')
    for word in words:
        assert word in err


@pytest.fixture
def network(trained):
    cfg = Config.fromfile(trained / 'config.py')
    return cfg, EmbeddingNetwork(cfg, str(trained / 'epoch_1.pth'))


def embeddings(cfg, network, cache_bytes):
    init_default_scope('mmseg')
    dataset = DATASETS.build(labeled_training_set(cfg))
    return LabeledEmbeddings(network, dataset, 3, 0, cache_bytes)


def test_figures_and_weights_are_stored(trained, tmp_path, capsys):
    assert probe(trained, tmp_path) == 0
    figures = json.loads((tmp_path / 'linear_probe.json').read_text())
    assert figures['protocol'] == 'linear probe, test'
    assert figures['num_training_images'] == 7
    assert figures['num_images'] == 3
    assert set(figures['metrics']) == {'aAcc', 'mIoU', 'mAcc'}
    assert len(figures['losses']) == 2
    assert len(figures['classes']) == 11
    assert weights(tmp_path)['conv.weight'].shape == (11, 8, 1, 1)
    assert 'mIoU' in capsys.readouterr().out


def test_same_seed_gives_the_same_probe_and_another_another(trained, tmp_path):
    for name, seed in (('a', '1'), ('b', '1'), ('c', '2')):
        assert probe(trained, tmp_path / name, '--seed', seed) == 0
    a, b, c = (weights(tmp_path / name)['conv.weight'] for name in 'abc')
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_a_cache_that_is_too_small_changes_nothing(trained, tmp_path):
    assert probe(trained, tmp_path / 'kept') == 0
    assert probe(trained, tmp_path / 'anew', '--cache-gb', '1e-6') == 0
    kept, anew = (weights(tmp_path / name)['conv.weight'] for name in ('kept', 'anew'))
    assert torch.allclose(kept, anew, atol=1e-6)


def test_kept_embeddings_are_computed_once(network, monkeypatch):
    cfg, network = network
    calls = []
    embed = network.embed
    monkeypatch.setattr(network, 'embed', lambda s: calls.append(len(s)) or embed(s))
    for cache_bytes, expected in ((1e9, [3, 3, 1]), (1, [3, 3, 1] * 2)):
        images = embeddings(cfg, network, cache_bytes)
        calls.clear()
        for epoch in range(2):
            assert sum(len(batch) for batch in images.batches((0, epoch), 'x')) == 7
        assert calls == expected


def test_embedding_is_the_network_s_and_the_network_stays(network):
    cfg, network = network
    before = {k: v.clone() for k, v in network.model.state_dict().items()}
    images = embeddings(cfg, network, 0)
    embedding, labels = next(images.batches((0, 0), 'x'))[0]
    index = next(iter(images._pass.sampler))[0]
    sample = images.dataset[index]
    batch = dict(inputs=[sample['inputs']], data_samples=[sample['data_samples']])
    pixels = network.model.data_preprocessor(batch)['inputs']
    network.model.freeze_network()
    assert torch.allclose(embedding, network.model.frozen_embed(pixels)[0], atol=1e-5)
    assert torch.equal(labels, sample['data_samples'].gt_sem_seg.data[0].byte())
    after = network.model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert not any(p.requires_grad for p in network.model.parameters())


def test_validation_without_labels_is_one_line(trained, tmp_path, capsys):
    text = (trained / 'config.py').read_text()
    (tmp_path / 'config.py').write_text(text.replace("seg_map_path='ann'", ''))
    argv = [str(tmp_path / 'config.py'), str(trained / 'epoch_1.pth')]
    code = linear_probe.main([*argv, '--work-dir', str(tmp_path)])
    assert_error(capsys, code, 'val_dataloader.dataset loads no labels')
    assert not (tmp_path / 'linear_probe.json').exists()


def test_images_in_both_data_sets_are_refused(trained, tmp_path, capsys):
    option = 'train_dataloader.dataset.ann_file=splits/val.txt'
    code = probe(trained, tmp_path, '--cfg-options', option)
    keys = 'train_dataloader.dataset.splits=... val_dataloader.dataset.splits=...'
    assert_error(capsys, code, '3 images are in both', 'val_00.jpg', keys)
    assert not (tmp_path / 'linear_probe.json').exists()


def test_missing_training_labels_are_one_line(trained, tmp_path, capsys):
    option = 'train_dataloader.dataset.data_prefix.seg_map_path=nowhere'
    code = probe(trained, tmp_path, '--cfg-options', option)
    assert_error(capsys, code, 'nowhere', 'does not exist', '7 of 7')


@pytest.mark.parametrize(
    'arguments, words',
    [
        (['--epochs', '0'], '--epochs must be positive, got 0'),
        (['--batch-size', '-1'], '--batch-size must be positive, got -1'),
        (
            ['--cfg-options', 'model.neck.out_channels=4']
            + ['model.decode_head.in_channels=4'],
            'not of the model in the config',
        ),
        (
            ['--cfg-options', 'test_dataloader=None', '--split', 'test'],
            'the config has no test_dataloader',
        ),
    ],
)
def test_wrong_arguments_are_one_line(trained, tmp_path, arguments, words, capsys):
    assert_error(capsys, probe(trained, tmp_path, *arguments), words)


def test_a_model_without_embedding_is_one_line(trained, tmp_path, capsys):
    option = (
        'model=dict(type="EncoderDecoder",backbone=dict(type="ResNet",depth=18),'
        'decode_head=dict(type="FCNHead",in_channels=512,channels=8,num_classes=11))'
    )
    text = (trained / 'config.py').read_text() + f'\n{option}\n'
    (tmp_path / 'config.py').write_text(text)
    argv = [str(tmp_path / 'config.py'), str(trained / 'epoch_1.pth')]
    code = linear_probe.main([*argv, '--work-dir', str(tmp_path)])
    assert_error(capsys, code, 'FCNHead, which has no embedding')
