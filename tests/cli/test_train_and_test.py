"""The command line: arguments and errors."""

import shutil
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from tiny_config import CONFIG, write_data

from mmseg_picie.cli import make_train_parser, test, train
from mmseg_picie.cli.config_edits import (
    enable_pictures,
    save_masks,
    set_data_root,
    set_resume,
)
from mmseg_picie.cli.configs import load_config


@pytest.fixture
def config(tmp_path) -> Path:
    path = tmp_path / 'tiny.py'
    path.write_text(CONFIG)
    return path


@pytest.fixture
def data_root(tmp_path) -> Path:
    write_data(tmp_path / 'data')
    return tmp_path / 'data'


def parse_train(*argv) -> Config:
    return load_config(make_train_parser().parse_args([str(a) for a in argv]))


def assert_error(capsys, code, *words):
    err = capsys.readouterr().err
    assert code == 2
    assert err.startswith('error: ')
    assert 'Traceback' not in err
    for word in words:
        assert word in err


# --- arguments --------------------------------------------------------------------


def test_data_root_reaches_every_nested_data_set(tmp_path):
    leaf = dict(type='BaseSegDataset', data_root='old')
    cfg = Config(
        dict(
            data_root='old',
            train_dataloader=dict(
                sampler=dict(type='DefaultSampler'),
                dataset=dict(
                    type='RepeatDataset',
                    dataset=dict(
                        type='ConcatDataset',
                        datasets=[leaf, dict(leaf), dict(type='BaseSegDataset')],
                    ),
                ),
            ),
            val_dataloader=dict(dataset=leaf),
            test_dataloader=[dict(dataset=leaf), dict(dataset=leaf)],
            custom_hooks=[dict(type='Probe', dataset=leaf), dict(type='EMAHook')],
        )
    )
    changes = set_data_root(cfg, str(tmp_path))

    assert len(changes) == 7
    assert 'old -> ' in changes[0]
    assert 'train_dataloader.dataset.dataset.datasets[2]' in changes[2]
    text = repr(cfg._cfg_dict.to_dict())
    assert 'old' not in text
    assert text.count(str(tmp_path)) == 8
    nested = cfg.train_dataloader.dataset
    assert 'data_root' not in nested
    assert 'data_root' not in nested.dataset
    assert 'data_root' not in cfg.train_dataloader.sampler
    assert cfg.custom_hooks[1] == dict(type='EMAHook')


def test_data_root_prints_each_data_set(config, data_root, capsys):
    cfg = parse_train(config, '--data-root', data_root)
    assert cfg.train_dataloader.dataset.data_root == str(data_root)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert f'test_dataloader.dataset.data_root: data/nowhere -> {data_root}' in lines


def test_data_root_without_data_sets_is_an_error(tmp_path):
    with pytest.raises(ValueError, match='no data set'):
        set_data_root(Config(dict(model=dict(type='X'))), str(tmp_path))


def test_data_root_in_cfg_options_is_refused(config, capsys):
    code = train.main([str(config), '--cfg-options', 'data_root=/d'])
    assert_error(capsys, code, '--data-root /d')


def test_work_dir_is_argument_then_config_then_name(config, tmp_path):
    assert parse_train(config).work_dir == str(Path('work_dirs') / 'tiny')
    assert parse_train(config, '--work-dir', tmp_path / 'w').work_dir.endswith('w')
    cfg = parse_train(config, '--cfg-options', 'work_dir=from_config')
    assert cfg.work_dir == 'from_config'


def test_cfg_options_can_switch_the_weights_off(config):
    cfg = parse_train(config, '--cfg-options', 'model.backbone.init_cfg=None')
    assert cfg.model.backbone.init_cfg is None


def test_resume_needs_no_pretrained_weights(config, tmp_path, trained):
    cfg = parse_train(config, '--work-dir', tmp_path)
    assert set_resume(cfg, 'auto', print) is False
    assert cfg.model.backbone.init_cfg.type == 'Pretrained'

    shutil.copy(trained / 'epoch_1.pth', tmp_path)
    assert set_resume(cfg, 'auto', print) is True
    assert cfg.resume is True
    assert cfg.model.backbone.init_cfg is None


@pytest.mark.parametrize(
    'argv, words',
    [
        (['none.py'], ['config none.py does not exist']),
        (['CONFIG', '--data-root', 'no/dir'], ['--data-root no/dir']),
        (['CONFIG', '--work-dir', 'CONFIG'], ['--work-dir', 'is a file']),
        (['CONFIG', '--resume', 'no.pth'], ['--resume no.pth does not exist']),
        (['CONFIG', '--cfg-options', 'model.type=Nonsense'], ['Nonsense']),
        (['CONFIG', '--cfg-options', 'model.backbone.x=1'], ['x']),
        (['CONFIG', '--cfg-options', 'model.backbone.depth=19'], ['invalid depth 19']),
        (['CONFIG', '--cfg-options', 'dataset.x=1'], ['change nothing']),
        (['CONFIG', '--cfg-options', 'load_from=no.pth'], ['load_from no.pth']),
        (['CONFIG', '--launcher', 'pytorch'], ['RANK', 'dist_train.sh']),
    ],
)
def test_wrong_input_of_train_is_one_line(
    config, tmp_path, argv, words, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('RANK', raising=False)
    if '--launcher' in argv and torch.cuda.is_available():
        pytest.skip('mmengine starts the processes where there is a GPU')
    code = train.main([str(config) if a == 'CONFIG' else a for a in argv])
    assert_error(capsys, code, *words)


@pytest.mark.parametrize('pair', ['model.type', 'model.type=[(1,2]'])
def test_a_malformed_option_is_an_error_of_the_command_line(config, pair, capsys):
    with pytest.raises(SystemExit) as caught:
        train.main([str(config), '--cfg-options', pair])
    assert caught.value.code == 2
    assert '--cfg-options' in capsys.readouterr().err.splitlines()[-1]


def test_a_missing_base_is_named(tmp_path, capsys):
    (tmp_path / 'a.py').write_text("_base_ = './b.py'")
    (tmp_path / 'b.py').write_text("_base_ = './c.py'")
    code = train.main([str(tmp_path / 'a.py')])
    assert_error(capsys, code, str(tmp_path / 'a.py'), '_base_', 'c.py')


def test_plain_weights_are_no_checkpoint(config, data_root, tmp_path, capsys):
    file = tmp_path / 'weights.pth'
    torch.save(dict(w=torch.ones(1)), file)
    common = ['--data-root', str(data_root), '--work-dir', str(tmp_path / 'work')]
    code = test.main([str(config), str(file), *common])
    assert_error(capsys, code, 'weights.pth is no checkpoint of a training run')


def test_missing_checkpoint_of_test_is_one_line(config, capsys):
    code = test.main([str(config), 'no.pth'])
    assert_error(capsys, code, 'checkpoint no.pth does not exist')


@pytest.mark.skipif(torch.cuda.is_available(), reason='AMP works on a GPU')
def test_amp_without_a_gpu_is_one_line(config, capsys):
    code = train.main([str(config), '--amp'])
    assert_error(capsys, code, 'needs a GPU')


def test_out_and_show_dir_turn_hooks_on(config):
    cfg = Config.fromfile(config)
    save_masks(cfg, 'masks')
    assert cfg.custom_hooks == [
        dict(type='ManifestHook'),
        dict(type='SaveMasksHook', output_dir='masks'),
    ]
    enable_pictures(cfg, False, 'pictures', 2)
    hook = cfg.default_hooks.visualization
    assert hook.type == 'ClusterVisualizationHook'
    assert (hook.out_dir, hook.draw, hook.interval) == ('pictures', True, 1)


# --- going on ---------------------------------------------------------------------


def test_a_finished_run_says_so_and_goes_on_with_more_rounds(trained, tmp_path, capfd):
    shutil.copy(trained / 'epoch_1.pth', tmp_path)
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_1.pth'))
    argv = [str(trained / 'config.py'), '--work-dir', str(tmp_path), '--resume']
    options = ['--cfg-options', 'log_level=INFO', f'experiment_name={tmp_path.name}']
    assert train.main([*argv, *options]) == 0
    assert '1 of 1 rounds are done' in capfd.readouterr().out
    assert not (tmp_path / 'matching.json').exists()

    options[-1] += '_2'
    assert train.main([*argv, *options, 'train_cfg.max_epochs=2']) == 0
    assert (tmp_path / 'epoch_2.pth').is_file()
    text = ''.join(log.read_text() for log in tmp_path.rglob('*.log'))
    assert '7 training images' in text
    assert '7 images are few for 4 clusters' in text
    for note in ('FileClient', 'prefix is not set', 'The dataset metainfo'):
        assert note not in text
