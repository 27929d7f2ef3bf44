"""The nearest images: computed before the first round, kept, never stale."""

import os
import shutil

import pytest
import torch
import torch.nn.functional as F
from mmengine.runner import Runner
from processes import in_processes
from small_run import CHANNELS, CLUSTERS, make_config, train_loader, write_camvid

from mmseg_picie.engine.rounds import neighbor_table
from mmseg_picie.errors import InputError
from mmseg_picie.models import joined_levels

HOOKS = dict(kmeans=None, refit=None, neighbors=dict(type='NeighborTableHook'))
NUM, NEAREST = 7, 3


class StopBeforeTraining(RuntimeError):
    pass


def stego_config(root, work_dir, rounds=2, images=3, wrap=True, **hook):
    """STEGO on the small data set."""
    hook.setdefault('num_neighbors', NEAREST)
    loader = train_loader(root, images)
    if wrap:
        loader['dataset'] = dict(type='NeighborDataset', dataset=loader['dataset'])
    model = dict(
        type='STEGO',
        neck=dict(
            _delete_=True, type='ProjectionNeck', in_channels=CHANNELS, out_channels=8
        ),
        decode_head=dict(
            _delete_=True, type='ProbeHead', in_channels=8, num_clusters=CLUSTERS
        ),
        pair_loss=dict(
            type='STEGOLoss',
            weights=dict(self=1.0, neighbor=1.0, random=1.0),
            shifts=dict(self=0.1, neighbor=0.1, random=0.3),
        ),
    )
    hooks = dict(HOOKS, neighbors=dict(HOOKS['neighbors'], **hook))
    return make_config(
        root,
        work_dir,
        rounds=rounds,
        model=model,
        default_hooks=hooks,
        train_dataloader=dict(loader, _delete_=True),
    )


def prepared(config, monkeypatch):
    """The runner before its first step."""
    runner = Runner.from_cfg(config)

    def stop(*args, **kwargs):
        raise StopBeforeTraining

    monkeypatch.setattr(runner.model, 'train_step', stop)
    with pytest.raises(StopBeforeTraining):
        runner.train()
    return runner


def table_of(runner):
    return runner.train_dataloader.dataset.table


def log_of(work_dir):
    (log,) = work_dir.glob('*/*.log')
    return log.read_text()


@pytest.fixture
def root(tmp_path):
    write_camvid(tmp_path / 'data')
    return tmp_path / 'data'


@pytest.fixture
def passes(monkeypatch):
    """Counts the passes over the images."""

    class Counted(neighbor_table.ImagePass):
        count = 0

        def run(self, *args):
            Counted.count += 1
            return super().run(*args)

    monkeypatch.setattr(neighbor_table, 'ImagePass', Counted)
    return Counted


def by_the_formula(runner):
    """Nearest others by the cosine of mean features, of all images at once."""
    model = runner.model.eval()
    leaf = runner.train_dataloader.dataset.dataset
    plain = leaf.pipeline.transforms[1].without_changes()
    means = []
    for index in range(len(leaf)):
        info = leaf.pipeline.transforms[0](leaf.get_data_info(index))
        view = torch.from_numpy(plain(info)['views'].view1).permute(2, 0, 1)[None]
        inputs = model.data_preprocessor(dict(inputs=dict(view1=view)))['inputs']
        with torch.no_grad():
            maps = joined_levels(model.backbone(inputs['view1']))
        means.append(F.normalize(maps.mean((2, 3)), dim=1)[0])
    cosines = torch.stack(means) @ torch.stack(means).T
    return cosines.fill_diagonal_(-2).argsort(1, descending=True)[:, :NEAREST].tolist()


def test_table_is_the_formula_whatever_the_batches(root, tmp_path, monkeypatch):
    runner = prepared(stego_config(root, tmp_path / 'a'), monkeypatch)
    expected = by_the_formula(runner)
    assert table_of(runner).tolist() == expected
    other = stego_config(root, tmp_path / 'b', images=7)
    assert table_of(prepared(other, monkeypatch)).tolist() == expected


def test_table_is_read_again_and_made_anew_for_other_images(
    root, tmp_path, monkeypatch, passes
):
    file = str(tmp_path / 'tables' / 'shared.pth')

    def run(name, **options):
        config = stego_config(root, tmp_path / name, file=file, **options)
        config.log_level = 'INFO'
        return table_of(prepared(config, monkeypatch))

    first = run('a')
    assert passes.count == 1
    assert torch.equal(run('b'), first)
    assert passes.count == 1 and 'anew' not in log_of(tmp_path / 'b')

    # Another picture of the same name.
    images = sorted((root / 'img').glob('train_*.jpg'))
    shutil.copy(images[-1], images[0])
    changed = run('c')
    assert passes.count == 2
    assert 'made anew, because the images have changed\n' in log_of(tmp_path / 'c')
    assert changed[0, 0] == NUM - 1 and changed[NUM - 1, 0] == 0
    assert torch.equal(run('d'), changed) and passes.count == 2

    # The same bytes, written later.
    os.utime(images[1], ns=(0, 0))
    assert torch.equal(run('e'), changed) and passes.count == 3

    assert run('f', num_neighbors=2).shape == (NUM, 2)
    assert 'the number of neighbors is another' in log_of(tmp_path / 'f')


def test_another_backbone_or_view_makes_the_table_anew(
    root, tmp_path, monkeypatch, passes
):
    file = str(tmp_path / 'shared.pth')

    def run(name, change):
        config = stego_config(root, tmp_path / name, file=file)
        config.log_level = 'INFO'
        change(config)
        prepared(config, monkeypatch)

    def other_weights(config):
        config.randomness.update(seed=6)

    def smaller(config):
        other_weights(config)
        config.train_dataloader.dataset.dataset.pipeline[1].size = 32

    run('a', lambda config: None)
    run('b', other_weights)
    assert 'the weights of the backbone are others' in log_of(tmp_path / 'b')
    run('c', other_weights)
    assert 'anew' not in log_of(tmp_path / 'c')
    run('d', smaller)
    assert 'images are seen in another way' in log_of(tmp_path / 'd')
    assert passes.count == 3


def test_random_changes_of_the_views_do_not_count(root, tmp_path, monkeypatch, passes):
    file = str(tmp_path / 'shared.pth')
    for name, ratio in (('a', (0.5, 1.0)), ('b', (0.2, 0.3))):
        config = stego_config(root, tmp_path / name, file=file)
        config.train_dataloader.dataset.dataset.pipeline[1].crop_ratio = ratio
        prepared(config, monkeypatch)
    assert passes.count == 1


def test_no_other_file_is_overwritten(root, tmp_path):
    for content in (dict(kind='other'), [1, 2]):
        torch.save(content, tmp_path / 'mine.pth')
        before = (tmp_path / 'mine.pth').read_bytes()
        config = stego_config(root, tmp_path / 'a', file=str(tmp_path / 'mine.pth'))
        with pytest.raises(InputError, match='mine.pth is no neighbor table'):
            Runner.from_cfg(config).train()
        assert (tmp_path / 'mine.pth').read_bytes() == before
    (tmp_path / 'mine.pth').write_bytes(b'damaged')
    with pytest.raises(InputError, match='or is damaged'):
        Runner.from_cfg(config).train()


def test_few_images_are_all_neighbors(root, tmp_path, monkeypatch):
    config = stego_config(root, tmp_path / 'a', num_neighbors=100)
    assert table_of(prepared(config, monkeypatch)).shape == (NUM, NUM - 1)


def test_five_crops_are_neighbors_of_each_other(root, tmp_path, monkeypatch):
    config = stego_config(root, tmp_path / 'a')
    leaf = config.train_dataloader.dataset.dataset
    config.train_dataloader.dataset.dataset = dict(
        type='FiveCrops', ratio=0.5, dataset=leaf
    )
    table = table_of(prepared(config, monkeypatch))
    assert table.shape == (5 * NUM, NEAREST)
    assert int(table.max()) >= NUM


def test_another_data_set_is_refused(root, tmp_path):
    with pytest.raises(InputError, match='train_dataloader.dataset is CamVidDataset'):
        Runner.from_cfg(stego_config(root, tmp_path / 'a', wrap=False)).train()


def test_a_trained_backbone_is_refused(root, tmp_path):
    runner = Runner.from_cfg(stego_config(root, tmp_path / 'a'))
    runner.model.backbone.requires_grad_(True)
    with pytest.raises(InputError, match='a backbone that is not trained'):
        runner.train()


@pytest.mark.parametrize(
    'option, least', [('num_neighbors', 1), ('batch_size', 1), ('num_workers', 0)]
)
def test_bad_numbers_are_named(root, tmp_path, option, least):
    config = stego_config(root, tmp_path / 'a', **{option: least - 1})
    with pytest.raises(InputError, match=f'NeighborTableHook.{option} must be >='):
        Runner.from_cfg(config)


def table_here(rank, root, work_dir):
    config = stego_config(root, work_dir, rounds=1)
    config.launcher = 'pytorch'
    config.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False
    )
    runner = Runner.from_cfg(config)
    runner.train()
    torch.save(table_of(runner), work_dir / f'table_{rank}.pth')


def test_processes_share_the_work_and_have_one_table(root, tmp_path, monkeypatch):
    runner = prepared(stego_config(root, tmp_path / 'one'), monkeypatch)
    work_dir = tmp_path / 'two'
    in_processes(2, tmp_path, table_here, root, work_dir)
    tables = [torch.load(work_dir / f'table_{rank}.pth') for rank in range(2)]
    assert torch.equal(*tables)
    assert torch.equal(tables[0], table_of(runner))


def refused_here(rank, root, work_dir):
    config = stego_config(root, work_dir, file=str(work_dir / 'mine.pth'))
    config.launcher = 'pytorch'
    config.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False
    )
    with pytest.raises(InputError, match='mine.pth is no neighbor table'):
        Runner.from_cfg(config).train()


def test_all_processes_hear_that_a_table_is_refused(root, tmp_path):
    key = dict(neighbors=NEAREST)
    content = dict(kind=neighbor_table.KIND, key=key, table=torch.ones(NUM, 2))
    torch.save(content, tmp_path / 'mine.pth')
    in_processes(2, tmp_path, refused_here, root, tmp_path)
