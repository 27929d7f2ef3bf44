"""tools/research/methods_table.py: what it runs, keeps, says and writes."""

import json
import statistics
from pathlib import Path

import pytest
import table_runs
from methods_table import main
from table_runs import SCORE, TRAIN

PROTOCOLS = ('--protocols', 'one_to_one', 'majority_7', 'boundary')


class Scripts:
    """Stands in for processes: counts them and writes what they would."""

    def __init__(self):
        self.calls, self.fails, self.stops = [], {}, None

    def __call__(self, command, log, title):
        command = list(command)
        self.calls.append(title)
        if len(self.calls) == self.stops:
            (log.parent / 'epoch_1.pth').touch()  # it got so far
            raise KeyboardInterrupt
        if title in self.fails:
            raise RuntimeError(self.fails[title])
        folder = log.parent
        if command[1] == str(TRAIN):
            self.trained = command
            (folder / 'epoch_1.pth').touch()
            return 90.0
        assert command[1] == str(SCORE)
        config = json.loads((folder / 'run.json').read_text())['config']
        assert command[2:4] == [
            str(folder / config),
            str(folder / 'epoch_1.pth'),
        ]
        seed = int(command[command.index('--seed') + 1])
        asked = command[command.index('--protocols') + 1 :]
        figures = {
            name: dict(boundary_mF=50.0 + seed)
            if name == 'boundary'
            else dict(aAcc=60.0 + seed, mIoU=10.0 + 3 * seed, protocol='words')
            for name in asked
        }
        out = Path(command[command.index('--out') + 1])
        out.write_text(json.dumps(dict(num_images=3, figures=figures)))
        return 1.0


@pytest.fixture
def scripts(monkeypatch):
    found = Scripts()
    monkeypatch.setattr(table_runs, 'run_script', found)
    return found


def rows():
    return json.loads(Path('out/table.json').read_text())['rows']


def test_every_training_is_run_and_averaged_over_seeds(scripts, table):
    code, _, _ = table('--seeds', '1', '3', *PROTOCOLS)
    assert code == 0
    trained = [title for title in scripts.calls if 'scoring' not in title]
    assert trained == [
        f'{method}, K = {clusters}, seed {seed}'
        for seed in (1, 3)
        for method in ('thin', 'wide')
        for clusters in ('classes', 7)
    ]
    assert len(scripts.calls) == 16
    thin, _ = rows()
    found = thin['figures']['one_to_one']['mIoU']
    assert found['values'] == {'1': 13.0, '3': 19.0}
    assert found['mean'] == 16 and found['std'] == statistics.stdev([13, 19])
    assert thin['minutes']['classes']['mean'] == 1.5
    text = Path('out/table.md').read_text()
    assert '| thin | 62.0 ± 1.4 / 16.0 ± 4.2 | 62.0 ± 1.4 / 16.0 ± 4.2 |' in text
    assert '| 52.0 ± 1.4 | 1.5 |' in text
    assert '- 7 clusters, named: 7 clusters, each named by its most' in text
    assert 'never compare figures of two columns' in text


def test_clusters_seed_and_arguments_reach_the_training(scripts, table):
    table('--seeds', '4', '--protocols', 'one_to_one', '--', '--amp')
    command = scripts.trained
    assert command[2:4] == ['wide.py', '--amp']
    assert command[command.index('--seed') + 1] == '4'
    # As many clusters as CamVid has classes.
    assert command[-1] == 'model.decode_head.num_clusters=11'
    table('--seeds', '4', '--protocols', 'majority_30', '--', '--amp')
    assert scripts.trained[-1] == 'model.decode_head.num_clusters=30'


def test_second_head_of_as_many_clusters_is_left_out(scripts, table):
    text = Path('thin.py').read_text()
    Path('thin.py').write_text(text + '\nmodel["auxiliary_clusters"] = 30\n')
    arguments = ('--seeds', '0', '--only', 'thin', '--protocols')
    table(*arguments, 'majority_29')
    assert 'model.auxiliary_clusters=None' not in scripts.trained
    table(*arguments, 'majority_30')
    assert scripts.trained[-1] == 'model.auxiliary_clusters=None'


def test_finished_trainings_are_not_run_again(scripts, table):
    arguments = ('--seeds', '0', '--protocols', 'one_to_one')
    table(*arguments)
    assert len(scripts.calls) == 4
    code, out, _ = table(*arguments)
    assert code == 0 and len(scripts.calls) == 4
    assert '1/2 thin, K = classes, seed 0: done before' in out
    # Another protocol is scored, and nothing is trained.
    table(*arguments, 'knn')
    assert scripts.calls[4:] == [
        f'{name}, K = classes, seed 0, scoring' for name in ('thin', 'wide')
    ]
    # k-NN of another bank is another figure.
    table(*arguments, 'knn', '--bank', '500')
    assert len(scripts.calls) == 8
    assert 'up to 500 drawn evenly' in Path('out/table.md').read_text()


def test_interrupted_table_goes_on(scripts, table):
    arguments = ('--seeds', '0', '1', '--protocols', 'one_to_one')
    scripts.stops = 3  # the training of the second method
    code, _, err = table(*arguments)
    assert code == 130 and 'the same command goes on' in err
    assert rows()[0]['figures']['one_to_one']['mIoU']['values'] == {'0': 10.0}
    assert '| wide | not run |' in Path('out/table.md').read_text()
    code, _, _ = table(*arguments)
    assert code == 0
    assert len(scripts.calls) == 3 + 6
    wide = rows()[1]
    assert wide['figures']['one_to_one']['mIoU']['values'] == {'0': 10.0, '1': 13.0}
    # What a training took that was interrupted is not known.
    assert wide['minutes']['classes']['values'] == {'1': 1.5}


def test_interrupted_training_is_resumed(scripts, table):
    arguments = ('--seeds', '0', '--protocols', 'one_to_one', '--only', 'thin')
    scripts.stops = 1
    table(*arguments)
    table(*arguments)
    assert '--resume' in scripts.trained


def test_failure_is_in_the_row_and_tried_again(scripts, table):
    arguments = ('--seeds', '0', '--protocols', 'one_to_one')
    title = 'thin, K = classes, seed 0'
    scripts.fails = {title: f'{title}: out of memory'}
    code, _, err = table(*arguments)
    assert code == 1 and f'failed: {title}: out of memory' in err
    text = Path('out/table.md').read_text()
    assert '| thin | failed |' in text and f'{title}: out of memory' in text
    assert '| wide | 60.0 / 10.0 |' in text
    scripts.fails = {}
    assert table(*arguments)[0] == 0
    assert 'failed' not in Path('out/table.md').read_text()


@pytest.mark.parametrize('trained', [True, False])
def test_changed_config_is_noticed(scripts, table, trained):
    arguments = ('--seeds', '0', '--protocols', 'one_to_one', '--only', 'thin')
    if not trained:
        scripts.stops = 1
    table(*arguments)
    with Path('thin.py').open('a') as file:
        file.write('\nmodel["decode_head"]["normalize"] = False\n')
    calls = len(scripts.calls)
    code, out, _ = table(*arguments)
    assert code == (0 if trained else 1)
    if not trained:
        assert len(scripts.calls) == calls and '--changed trains it' in out
        table(*arguments, '--changed')
        assert len(scripts.calls) == calls + 2
        assert '--resume' not in scripts.trained
        return
    assert len(scripts.calls) == calls
    assert 'seed 0: its config has changed since' in out
    assert 'was trained before its config changed' in Path('out/table.md').read_text()
    table(*arguments, '--changed')
    assert len(scripts.calls) == calls + 2 and not rows()[0]['changed']


def test_a_neighbor_table_is_no_checkpoint_to_go_on_from(scripts, table):
    arguments = ('--seeds', '0', '--protocols', 'one_to_one', '--only', 'thin')
    scripts.stops = 1
    table(*arguments)
    for path in Path('out/runs').rglob('epoch_1.pth'):
        path.rename(path.with_name('neighbors.pth'))
    table(*arguments)
    assert '--resume' not in scripts.trained


def test_other_arguments_are_another_config(scripts, table):
    arguments = ('--seeds', '0', '--protocols', 'one_to_one', '--only', 'thin')
    table(*arguments)
    _, out, _ = table(*arguments, '--', '--amp')
    assert 'its config has changed since' in out


def test_only_chosen_configs_are_run(scripts, table):
    table('--seeds', '0', '--protocols', 'one_to_one', '--only', 'wi')
    assert {title.split(',')[0] for title in scripts.calls} == {'wide'}
    assert [row['method'] for row in rows()] == ['thin', 'wide']
    code, out, _ = table('--seeds', '0', '--protocols', 'one_to_one', '--table')
    assert code == 0 and len(scripts.calls) == 2
    assert '| thin | not run |' in out


def test_checkpoint_chosen_by_labels_is_refused(scripts, table):
    text = Path('thin.py').read_text()
    Path('thin.py').write_text(
        text + '\ndefault_hooks["checkpoint"]["save_best"] = "mIoU"\n'
    )
    code, _, err = table('--seeds', '0', '--protocols', 'one_to_one')
    assert code == 1
    assert 'chosen by mIoU, which reads labels' in err
    assert scripts.calls[0].startswith('wide')


@pytest.mark.parametrize(
    'argv, words',
    [
        (['--only', 'x'], '--only x is in the name of no config'),
        (['--bank', '3'], '--bank must be >= 20, got 3'),
        (['--', '--seed', '3'], '--seed is set by the table itself'),
    ],
)
def test_wrong_input_is_one_line(scripts, table, argv, words):
    code, _, err = table(*argv)
    assert code == 2 and not scripts.calls
    assert err.startswith('error: ') and words in err
    assert len(err.splitlines()) == 1


def test_pattern_without_a_config_is_named(tmp_path, capsys):
    assert main([str(tmp_path / 'no*.py'), '--out', str(tmp_path)]) == 2
    assert 'no*.py: no such config' in capsys.readouterr().err


def test_unknown_protocol_is_named(scripts, table, capsys):
    with pytest.raises(SystemExit):
        table('--protocols', 'best')
    assert 'best: expected one of one_to_one' in capsys.readouterr().err
