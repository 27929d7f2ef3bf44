"""The command that names: which checkpoint, which names, what it says."""

import pytest
import torch
from small_run import load

from mmseg_picie.checkpoints import ClusterName, Names, weights_hash, write_names
from mmseg_picie.cli.name import name
from mmseg_picie.errors import InputError


@pytest.fixture
def out(tmp_path):
    return tmp_path / 'new' / 'named.pth'


@pytest.fixture(scope='module')
def digest(trained):
    return weights_hash(load(trained / 'epoch_1.pth')['state_dict'])


def result(out):
    """Classes, and the class of each cluster."""
    loaded = load(out)
    lookup = loaded['state_dict']['decode_head.cluster_to_class']
    return loaded['meta']['dataset_meta']['classes'], lookup.tolist()


def test_settings_name_a_run(trained, out):
    lines = name(trained, None, ['3=nucleus', '1,0=cell wall'], [], out)
    assert result(out) == (('nucleus', 'cell wall', 'cluster_2'), [1, 1, 2, 0])
    assert lines == [
        f'{out}, from {trained / "epoch_1.pth"}: 2 named classes',
        '  nucleus: cluster 3',
        '  cell wall: clusters 1, 0',
        '  without a name, each a class of its own (cluster_2 ...): cluster 2; '
        '--ignore rest makes them 255',
    ]


def test_ignored_clusters_are_said(trained, out):
    lines = name(trained, None, ['3=nucleus'], ['rest'], out)
    assert result(out) == (('nucleus',), [-1, -1, -1, 0])
    assert lines[1:] == [
        '  nucleus: cluster 3',
        '  ignored, 255 in masks: clusters 0, 1, 2',
    ]


def test_file_names_the_checkpoint_it_is_for(trained, digest, tmp_path, out):
    run = tmp_path / 'run'
    run.mkdir()
    loaded = load(trained / 'epoch_1.pth')
    torch.save(loaded, run / 'epoch_1.pth')
    loaded['state_dict']['decode_head.eval_centroids'] += 1
    torch.save(loaded, run / 'epoch_2.pth')
    file = tmp_path / 'names.yaml'
    write_names(file, Names((ClusterName(2, 'sky'), ClusterName(1, None)), digest))
    lines = name(run, file, [], [], out)
    assert str(run / 'epoch_1.pth') in lines[0]
    assert result(out) == (('sky', 'cluster_0', 'cluster_3'), [1, -1, 0, 2])
    # Options change what the file says.
    name(run, file, ['1=road'], ['rest'], out)
    assert result(out) == (('sky', 'road'), [-1, 1, 0, -1])
    with pytest.raises(InputError, match='other clusters'):
        name(run / 'epoch_2.pth', file, [], [], out)


def test_changes_do_not_make_a_file_fit_other_weights(trained, tmp_path, out):
    file = tmp_path / 'names.yaml'
    write_names(file, Names((ClusterName(2, 'sky'),), 64 * '0'))
    with pytest.raises(InputError, match='other clusters'):
        name(trained / 'epoch_1.pth', file, ['1=road'], [], out)
    assert not out.exists()


def test_without_names_the_hash_is_told(trained, digest, out):
    with pytest.raises(InputError, match=f'4 clusters.*checkpoint: {digest}'):
        name(trained, None, [], [], out)


def test_errors_of_a_file_name_it(trained, digest, tmp_path, out):
    file = tmp_path / 'names.yaml'
    write_names(file, Names((ClusterName(4, 'sky'),), digest))
    with pytest.raises(InputError, match=f'^{file}: cluster 4 does not exist'):
        name(trained, file, [], [], out)
    with pytest.raises(InputError, match='^out must be another file'):
        name(trained, file, [], [], trained / 'epoch_1.pth')
    assert not out.exists()
