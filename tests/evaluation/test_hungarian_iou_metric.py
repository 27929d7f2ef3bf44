import json
import logging

import numpy as np
import pytest
import torch
import torch.distributed as dist
from mmengine.evaluator import Evaluator
from mmengine.logging import MMLogger
from mmengine.structures import PixelData
from mmseg.registry import METRICS
from mmseg.structures import SegDataSample

from mmseg_picie.evaluation.hungarian_iou_metric import HungarianIoUMetric

CLASSES = ('sky', 'road', 'tree')
PALETTE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
K = 4
KEYS = ['aAcc', 'mIoU', 'mAcc', 'aAcc_majority', 'mIoU_majority']
KEYS += ['NMI', 'ARI', 'purity']
PARTITIONS = dict(things=(2,), stuff=(0, 1))


def sample(classes, clusters, name='image.png', **meta):
    meta = dict(dict(num_clusters=K, centroids='round 3, refit', img_path=name), **meta)
    output = SegDataSample(metainfo=meta)
    if classes is not None:
        output.gt_sem_seg = PixelData(data=torch.as_tensor(classes)[None])
    output.pred_sem_seg = PixelData(data=torch.as_tensor(clusters)[None])
    return output


def draw(num_samples=5):
    generator = np.random.default_rng(0)
    samples = []
    for index in range(num_samples):
        height = 7 + index  # images of unequal size
        classes = generator.integers(3, size=(height, 9))
        noise = generator.integers(K, size=classes.shape)
        clusters = np.where(generator.random(classes.shape) < 0.6, classes + 1, noise)
        classes[:1] = 255
        samples.append(sample(classes, clusters))
    return samples


def build(classes=CLASSES, partitions=None, **options):
    metric = HungarianIoUMetric(**options)
    evaluator = Evaluator(metric)
    evaluator.dataset_meta = dict(classes=classes, palette=PALETTE)
    if partitions is not None:
        evaluator.dataset_meta = dict(evaluator.dataset_meta, partitions=partitions)
    return evaluator


@pytest.fixture
def log(caplog):
    """The messages of mmengine's logger, which does not propagate."""
    logger = MMLogger.get_current_instance()
    logger.addHandler(caplog.handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield caplog
    logger.setLevel(level)
    logger.removeHandler(caplog.handler)


# Rows are classes sky, road, tree; the label of row 1 is ignored in places.
HAND = [
    [[0, 0, 0, 0], [1, 1, 255, 255], [2, 2, 2, 2]],
    [[3, 3, 3, 0], [0, 0, 1, 2], [1, 1, 1, 2]],
]


def test_figures_of_a_case_solved_by_hand():
    evaluator = build()
    evaluator.process([sample(*HAND)])
    # Hungarian: 3 -> sky (3 of 4), 0 -> road (2 of 2), 1 -> tree (3 of 4), 2 -> none.
    metrics = evaluator.evaluate(1)
    assert list(metrics) == KEYS
    assert metrics['aAcc'] == pytest.approx(80)
    assert metrics['mIoU'] == pytest.approx(100 * (3 / 4 + 2 / 3 + 3 / 4) / 3)
    assert metrics['mAcc'] == pytest.approx(100 * (3 / 4 + 1 + 3 / 4) / 3)
    # Majority: 2 -> tree as well.
    assert metrics['aAcc_majority'] == pytest.approx(90)
    assert metrics['mIoU_majority'] == pytest.approx(100 * (3 / 4 + 2 / 3 + 1) / 3)


def test_metric_is_built_by_name_and_resets_after_each_evaluation():
    evaluator = Evaluator(dict(type='mmseg.HungarianIoUMetric', prefix='val'))
    assert isinstance(evaluator.metrics[0], METRICS.get('HungarianIoUMetric'))
    evaluator.dataset_meta = dict(classes=CLASSES)
    results = []
    for samples in (draw(5), draw(5), draw(2)):
        evaluator.process(samples)
        results.append(evaluator.evaluate(len(samples)))
    assert results[0] == results[1] != results[2]
    assert list(results[0]) == [f'val/{key}' for key in KEYS]


def test_batches_and_order_change_nothing():
    first, second = build(), build()
    first.process(draw())
    for output in reversed(draw()):
        second.process([output])
    assert first.evaluate(5) == second.evaluate(5)


def test_matching_file_holds_what_the_figures_came_from(tmp_path):
    evaluator = build(figures_dir=str(tmp_path / 'new' / 'folder'), protocol='by hand')
    evaluator.process([sample(*HAND)])
    metrics = evaluator.evaluate(1)
    (path,) = (tmp_path / 'new' / 'folder').iterdir()
    assert path.name == 'matching.json'
    assert json.loads(path.read_text()) == dict(
        protocol='by hand',
        centroids='round 3, refit',
        num_clusters=4,
        fitted_on='the evaluated images',
        classes=list(CLASSES),
        palette=PALETTE,
        absent_classes=[],
        cluster_to_class=[1, 2, -1, 0],
        cluster_to_class_majority=[1, 2, 2, 0],
        confusion=[[1, 0, 0, 3], [2, 0, 0, 0], [0, 3, 1, 0]],
        metrics=metrics,
    )


def test_table_and_absent_classes_are_logged(log):
    evaluator = build(classes=('sky', 'road', 'tree', 'boat'), protocol='by hand')
    evaluator.process([sample(*HAND)])
    metrics = evaluator.evaluate(1)
    assert metrics['mIoU'] == pytest.approx(100 * (3 / 4 + 2 / 3 + 3 / 4) / 3)
    rows = [
        [cell.strip() for cell in line.split('|')[1:-1]]
        for line in log.text.splitlines()
        if line.startswith('|')
    ]
    assert rows == [
        ['Class', 'IoU', 'Acc', 'Cluster'],
        ['sky', '75.00', '75.00', '3'],
        ['road', '66.67', '100.00', '0'],
        ['tree', '75.00', '75.00', '1'],
        ['boat', '-', '-', '-'],
    ]
    assert '1 of 4 classes never occur' in log.text and 'boat' in log.text
    assert 'by hand' in log.text and 'round 3, refit' in log.text


def test_class_ids_are_not_predictions_of_clusters():
    output = sample(*HAND)
    output.pop('num_clusters')
    with pytest.raises(ValueError, match='image.png.*IoUMetric.*predict_as'):
        build().process([output])


@pytest.mark.parametrize('wrong', [-1, 4])
def test_cluster_ids_out_of_range_are_an_error(wrong):
    clusters = np.array(HAND[1])
    clusters[1, 2] = wrong  # where the label is ignored, too
    with pytest.raises(ValueError, match=r'image.png.*expected \[0, 4\)'):
        build().process([sample(HAND[0], clusters)])


def test_class_ids_out_of_range_name_the_image():
    with pytest.raises(ValueError, match=r'annotation of image.png.*\[2\]'):
        build(classes=('sky', 'road')).process([sample(*HAND)])


def test_missing_annotation_and_classes_are_errors():
    with pytest.raises(ValueError, match='image.png has no annotation'):
        build().process([sample(None, HAND[1])])
    for meta in (None, {}, dict(classes=())):
        evaluator = build()
        evaluator.dataset_meta = meta
        with pytest.raises(ValueError, match='ClusterStatisticsMetric'):
            evaluator.process([sample(*HAND)])


def test_samples_of_two_models_are_an_error():
    evaluator = build()
    evaluator.process([sample(*HAND)])
    with pytest.raises(ValueError, match='round 4.*one model'):
        evaluator.process([sample(*HAND, centroids='round 4')])


@pytest.mark.parametrize('size', [1, 3])
def test_repeated_or_missing_samples_are_an_error(size):
    evaluator = build()
    evaluator.process(draw(2))
    with pytest.raises(ValueError, match=f'2 samples .* has {size}.*round_up=False'):
        evaluator.evaluate(size)
    evaluator.process(draw(2))
    assert evaluator.evaluate(2)


def test_only_ignored_pixels_are_an_error():
    evaluator = build()
    evaluator.process([sample(np.full((2, 2), 255), np.zeros((2, 2), dtype=int))])
    with pytest.raises(ValueError, match='ignore'):
        evaluator.evaluate(1)


def test_scores_without_matching_by_hand():
    evaluator = build()
    evaluator.process([sample(*HAND)])
    metrics = evaluator.evaluate(1)
    # Of 10 pixels, 9 are of the main class of their cluster.
    assert metrics['purity'] == pytest.approx(90)
    # Pairs: 13 in a class, 9 in a cluster, 3 + 1 + 3 in both, 45 in all.
    ari = (7 - 13 * 9 / 45) / ((13 + 9) / 2 - 13 * 9 / 45)
    assert metrics['ARI'] == pytest.approx(100 * ari)
    assert 0 < metrics['NMI'] < 100


def test_partitions_are_reported_in_both_definitions():
    evaluator = build(partitions=PARTITIONS)
    evaluator.process([sample(*HAND)])
    metrics = evaluator.evaluate(1)
    assert list(metrics)[: len(KEYS)] == KEYS
    # tree: 3 of 4, one in a cluster without class; road takes 1 of 4 from sky.
    expected = dict(
        aAcc_things=75,
        mIoU_things=75,
        aAcc_things_block=100,
        mIoU_things_block=100,
        aAcc_stuff=100 * 5 / 6,
        mIoU_stuff=100 * (3 / 4 + 2 / 3) / 2,
        aAcc_stuff_block=100 * 5 / 6,
        mIoU_stuff_block=100 * (3 / 4 + 2 / 3) / 2,
    )
    found = {name: metrics[name] for name in list(metrics)[len(KEYS) :]}
    assert found == pytest.approx(expected)


def test_definitions_of_partitions_are_logged_and_stored(log, tmp_path):
    evaluator = build(partitions=PARTITIONS, figures_dir=str(tmp_path))
    evaluator.process([sample(*HAND)])
    evaluator.evaluate(1)
    stored = json.loads((tmp_path / 'matching.json').read_text())
    assert stored['partitions'] == dict(things=[2], stuff=[0, 1])
    assert len(stored['partition_definitions']) == 2
    for names, definition in stored['partition_definitions'].items():
        assert f'{names}: {definition}' in log.text


def test_groups_without_pixels_or_classes_have_no_figures(log):
    evaluator = build(
        classes=(*CLASSES, 'boat'), partitions=dict(boats=(3,), none=(), trees=(2,))
    )
    evaluator.process([sample(*HAND)])
    metrics = evaluator.evaluate(1)
    names = [f'{n}_trees{s}' for s in ('', '_block') for n in ('aAcc', 'mIoU')]
    assert list(metrics) == KEYS + names
    assert 'no figures: boats, none' in log.text


def work(rank, folder):
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', init_method=f'file://{folder}/store', rank=rank, world_size=2
    )
    result = {}
    for number in (5, 1):  # unequal shares; then the second process has no sample
        figures = f'{folder}/{number}_{rank}'
        evaluator = build(partitions=PARTITIONS, figures_dir=figures, per_image=True)
        evaluator.process(draw(number)[rank::2])
        result[str(number)] = evaluator.evaluate(number)
    evaluator = build()
    evaluator.process((draw(5) + draw(1))[rank::2])  # as round_up=True pads
    try:
        evaluator.evaluate(5)
    except ValueError as error:
        result['error'] = str(error)
    with open(f'{folder}/{rank}.json', 'w') as file:
        json.dump(result, file)
    dist.destroy_process_group()


def test_two_processes_equal_one(tmp_path, monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    torch.multiprocessing.spawn(work, (str(tmp_path),), nprocs=2)
    expected = {}
    for number in (5, 1):
        evaluator = build(partitions=PARTITIONS, per_image=True)
        evaluator.process(draw(number))
        expected[str(number)] = evaluator.evaluate(number)
    for rank in range(2):
        result = json.loads((tmp_path / f'{rank}.json').read_text())
        assert '6 samples' in result.pop('error')
        assert result == expected
    written = {path.parent.name for path in tmp_path.glob('*/matching.json')}
    assert written == {'5_0', '1_0'}
