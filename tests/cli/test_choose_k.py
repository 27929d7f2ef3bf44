"""Scores over a list of K."""

import csv

import pytest
from mmengine.config import Config
from mmengine.runner import Runner
from small_run import CHANNELS

from mmseg_picie.cli import choose_k
from mmseg_picie.cli.choose_k import table
from mmseg_picie.inference import SCORE_NAMES

SCORES = dict(type='LabelFreeScoresHook', num_images=4, points_per_image=30)


@pytest.fixture
def path(config, tmp_path):
    cfg = config(default_hooks=dict(label_free=SCORES))
    # As in the recipe; a run that trains nothing does not build it.
    cfg.param_scheduler = [dict(type='CosineAnnealingLR', end=1)]
    cfg.dump(tmp_path / 'config.py')
    return tmp_path / 'config.py'


def choose(path, tmp_path, *argv):
    argv = [path, *argv, '--work-dir', tmp_path / 'log']
    return choose_k.main([str(a) for a in argv])


def read(path):
    with path.open(newline='') as stream:
        return list(csv.DictReader(stream))


def test_each_number_and_seed_is_scored(path, tmp_path, capsys):
    out = tmp_path / 'new' / 'scores.csv'
    argv = ('--clusters', 3, 6, '--seeds', 0, 4, '--out', out)
    assert choose(path, tmp_path, *argv) == 0
    rows = read(out)
    assert [(r['K'], r['seed']) for r in rows] == [
        *(('3', '0'), ('6', '0'), ('3', '4'), ('6', '4')),
    ]
    for row in rows:
        assert all(-100 <= float(row[name]) <= 100 for name in SCORE_NAMES)
    # Two seeds agree with each other as much as the other way round.
    assert rows[0]['seed_agreement'] == rows[2]['seed_agreement']
    printed = capsys.readouterr().out
    assert 'best K' in printed and 'silhouette' in printed


def test_scores_are_those_of_a_run_that_only_clusters(config, path, tmp_path):
    cfg = Config.fromfile(path)
    cfg.work_dir = str(tmp_path / 'clustered')
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    runner = Runner.from_cfg(cfg)
    runner.train()
    logged = runner.message_hub.log_scalars
    out, number = tmp_path / 'scores.csv', runner.model.decode_head.num_clusters
    argv = ('--clusters', number, '--seeds', runner.seed, '--out', out)
    assert choose(path, tmp_path, *argv) == 0
    (row,) = read(out)
    for name in set(SCORE_NAMES) - {'seed_agreement'}:
        expected = logged[f'val/label_free/{name}'].current()
        assert float(row[name]) == pytest.approx(expected, abs=1e-3)


def test_one_seed_has_no_seed_agreement(path, tmp_path):
    out = tmp_path / 'scores.csv'
    argv = ('--clusters', 4, '--seeds', 1, '--out', out)
    assert choose(path, tmp_path, *argv) == 0
    (row,) = read(out)
    assert row['seed_agreement'] == ''


def test_checkpoint_embeds_whatever_its_number_of_clusters(config, path, tmp_path):
    model = dict(decode_head=dict(num_clusters=9))
    work = config('other', model=model)
    Runner.from_cfg(work).train()
    rows = []
    for name, argv in (('initial', ()), ('trained', (work.work_dir + '/epoch_1.pth',))):
        out = tmp_path / f'{name}.csv'
        argv = (*argv, '--clusters', 4, '--seeds', 0, '--out', out)
        assert choose(path, tmp_path, *argv) == 0
        rows += read(out)
    assert rows[0] != rows[1]


def test_projection_of_pretrained_features_is_fitted(config, tmp_path):
    cfg = config(default_hooks=dict(fit_pca=dict(type='FitPCAHook'), label_free=SCORES))
    cfg.model.backbone.out_indices = (0, 1, 2)
    cfg.model.neck = dict(
        type='MultiLevelPCA', in_channels=CHANNELS[:3], out_channels=8, grid_level=1
    )
    cfg.model.decode_head.loss = None
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    cfg.dump(tmp_path / 'features.py')
    out = tmp_path / 'scores.csv'
    argv = ('--clusters', 4, '--seeds', 0, '--out', out)
    assert choose(tmp_path / 'features.py', tmp_path, *argv) == 0
    (row,) = read(out)
    assert float(row['explained_inertia']) > 0


def rows_of(curves, seeds=3):
    """Rows of a score that is ``curves[K]`` with each seed, the same for all names."""
    return [
        dict(K=number, seed=seed, **dict.fromkeys(SCORE_NAMES, curves[number][seed]))
        for seed in range(seeds)
        for number in curves
    ]


def test_table_crowns_a_peak_and_says_why_the_others_have_none():
    peak = {11: (26.0, 26.2, 26.1), 5: (21.0, 21.3, 21.2), 27: (20.1, 20.0, 20.3)}
    lines = table(rows_of(peak)).splitlines()
    (best,) = [line for line in lines if 'best K' in line and line.startswith('|')]
    cells = dict(
        zip(
            ['K', *SCORE_NAMES],
            best.replace(' ', '').strip('|').split('|'),
            strict=True,
        )
    )
    assert cells == dict(
        K='bestK',
        view_agreement='-',
        explained_inertia='-',
        size_entropy='11',
        silhouette='11',
        seed_agreement='11',
        neighbor_agreement='-',
    )
    assert lines[-3:] == [
        'view_agreement: no best K (falls with K whatever the data are)',
        'explained_inertia: no best K (rises with K whatever the data are)',
        'neighbor_agreement: no best K (falls with K whatever the data are)',
    ]


def test_help_says_which_scores_go_with_k():
    text = ' '.join(choose_k.make_parser().format_help().split())
    assert 'with K view_agreement and neighbor_agreement fall and explained_' in text


@pytest.mark.parametrize(
    ('argv', 'words'),
    [
        (('--clusters', 1), '--clusters must be different numbers >= 2'),
        (('--clusters', 3, 3), '--clusters must be different'),
        (('--clusters', 3, '--seeds', -1), '--seeds must be different numbers >= 0'),
        (('none.pth', '--clusters', 3), 'none.pth does not exist'),
        (('--clusters', 9999), 'num_clusters is 9999'),
    ],
)
def test_bad_arguments_are_named(path, tmp_path, capsys, argv, words):
    assert choose(path, tmp_path, *argv) == 2
    assert words in capsys.readouterr().err
