"""Curves and versions out of the logs of a run."""

import json

from mmseg_picie.report.run_history import read_curves, read_versions

LINE = (
    '2026/11/28 09:01:33 - mmengine - INFO - Round {}/2 | view1: inertia {}, 0 empty, '
    'shares 6.21-17.64 % | evaluation: inertia 0.5, 0 empty, shares 5-19 % | seconds: 1'
)


def write_logs(run, name, records, lines=()):
    folder = run / 'log' / name / '20261128_090036'
    (folder / 'vis_data').mkdir(parents=True)
    text = '\n'.join(map(json.dumps, records))
    # mmengine writes NaN as such; a killed run leaves half a line.
    (folder / 'vis_data' / 'scalars.json').write_text(text + '\n{"loss": 1, "ep')
    (folder / '20261128_090036.log').write_text('\n'.join(lines))


def test_curves_have_the_last_value_of_each_round(tmp_path):
    write_logs(tmp_path, 'probe', [dict(loss=99.0, epoch=1, iter=1)])
    records = [
        dict(loss=3.0, lr=0.1, time=5.0, epoch=1, iter=1, step=1),
        dict(loss=2.0, lr=0.1, time=5.0, epoch=1, iter=2, step=2),
        dict(loss=1.5, lr=0.05, time=5.0, epoch=2, iter=3, step=3),
        dict(mIoU=40.0, step=1),
        dict(mIoU=float('nan'), step=2),
    ]
    write_logs(
        tmp_path, 'training', records, [LINE.format(1, 0.75), LINE.format(2, 0.7)]
    )
    assert read_curves(tmp_path) == {
        'loss': [[1, 2.0], [2, 1.5]],
        'lr': [[1, 0.1], [2, 0.05]],
        'mIoU': [[1, 40.0]],
        'inertia (view1)': [[1, 0.75], [2, 0.7]],
        'inertia (evaluation)': [[1, 0.5], [2, 0.5]],
    }


def test_a_run_without_training_has_no_curves(tmp_path):
    assert read_curves(tmp_path) == {}
    write_logs(tmp_path, 'clusters', [dict(loss=1.0, epoch=1)])
    assert read_curves(tmp_path) == {}


def test_versions_are_those_of_the_manifest(tmp_path):
    assert read_versions(tmp_path) == {}
    folder = tmp_path / 'log' / 'clusters'
    folder.mkdir(parents=True)
    content = dict(versions=dict(torch='2.13'), seed=3, config='a.py')
    (folder / 'manifest.json').write_text(json.dumps(content))
    assert read_versions(tmp_path) == dict(torch='2.13', seed='3')
