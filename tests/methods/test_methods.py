"""Every method trains, resumes, shares work, evaluates, names, exports, predicts."""

import cv2
import numpy as np
import pytest
import torch
from method_runs import METHODS, method_config
from mmengine.runner import Runner
from processes import in_processes
from small_run import CLUSTERS, assert_same, load, run, state

from mmseg_picie.checkpoints import (
    export_onnx,
    name_checkpoint,
    names_from_settings,
    weights_hash,
)
from mmseg_picie.inference import Segmenter, predicting_centroids


@pytest.fixture(scope='module', params=METHODS)
def method(request):
    return request.param


@pytest.fixture(scope='module')
def done(method, camvid_root, tmp_path_factory):
    """(runner after two rounds, its folder)."""
    folder = tmp_path_factory.mktemp('method')
    return run(method_config(method, camvid_root, folder)), folder


@pytest.fixture(scope='module')
def images(camvid_root):
    return sorted((camvid_root / 'img').glob('*.jpg'))


def test_it_learns_what_the_optimizer_holds(done, camvid_root, method, tmp_path):
    runner, _ = done
    fresh = Runner.from_cfg(method_config(method, camvid_root, tmp_path))
    learned = dict(runner.model.named_parameters())
    moved = [
        not torch.equal(value, learned[name])
        for name, value in fresh.model.named_parameters()
        if value.requires_grad
    ]
    assert moved and sum(moved) >= 0.9 * len(moved)  # a bias may have no gradient
    losses = runner.message_hub.get_scalar('train/loss').data[0]
    assert len(losses) == 6 and np.isfinite(losses).all()


def test_each_round_is_scored_without_labels(done):
    runner, _ = done
    for score in ('view_agreement', 'size_entropy', 'round_agreement'):
        value = runner.message_hub.get_scalar(f'val/label_free/{score}').current()
        assert -100 <= value <= 100


def test_a_checkpoint_evaluates_as_the_training_did(
    done, camvid_root, method, tmp_path
):
    runner, folder = done
    config = method_config(
        method, camvid_root, tmp_path, load_from=str(folder / 'epoch_2.pth')
    )
    metrics = Runner.from_cfg(config).test()
    validated = runner.message_hub.get_scalar('val/mIoU').current()
    assert metrics['mIoU'] == pytest.approx(validated, abs=1e-9)
    assert validated > 0


def test_names_are_those_of_the_clusters(done, images, tmp_path):
    _, folder = done
    checkpoint = folder / 'epoch_2.pth'
    digest = weights_hash(load(checkpoint)['state_dict'])
    names = names_from_settings(['0,2=sky', '1=road', '3=tree'], digest, CLUSTERS)
    name_checkpoint(checkpoint, names, tmp_path / 'named.pth')
    clusters = Segmenter.load(checkpoint, device='cpu').predict(str(images[0]))
    named = Segmenter.load(tmp_path / 'named.pth', device='cpu').predict(str(images[0]))
    assert named.shape == (40, 56)
    assert np.array_equal(np.array([0, 1, 0, 2])[clusters], named)


def test_each_cluster_has_a_vector_to_compare_it_by(done, method):
    _, folder = done
    segmenter = Segmenter.load(folder / 'epoch_2.pth', device='cpu')
    vectors = predicting_centroids(segmenter)
    assert vectors.shape == (CLUSTERS, segmenter.model.decode_head.in_channels)
    assert np.abs(vectors).sum() > 0


@pytest.mark.slow
def test_resume_is_exact(done, camvid_root, method, tmp_path):
    runner, _ = done
    run(method_config(method, camvid_root, tmp_path / 'part', rounds=1))
    rest = run(method_config(method, camvid_root, tmp_path / 'part', resume=True))
    assert_same(runner.model.state_dict(), rest.model.state_dict())


def train_here(rank, method, root, work_dir):
    # Two images per process and step: the last step leaves one without samples.
    config = method_config(method, root, work_dir, rounds=1, batch_size=2)
    config.launcher = 'pytorch'
    config.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False
    )
    model = run(config).model.module
    torch.save(model.state_dict(), work_dir / f'rank_{rank}.pth')


@pytest.mark.slow
def test_two_processes_come_to_the_same_network(camvid_root, method, tmp_path):
    in_processes(2, tmp_path, train_here, method, camvid_root, tmp_path / 'run')
    first, second = (load(tmp_path / 'run' / f'rank_{rank}.pth') for rank in (0, 1))
    assert_same(first, second)
    assert_same(first, state(tmp_path / 'run', 1))


@pytest.mark.slow
def test_an_onnx_file_predicts_the_same(done, images, tmp_path):
    onnxruntime = pytest.importorskip('onnxruntime')
    pytest.importorskip('onnxscript')
    _, folder = done
    about = export_onnx(folder / 'epoch_2.pth', tmp_path / 'a.onnx')
    assert about['predicts'] == 'clusters'
    session = onnxruntime.InferenceSession(tmp_path / 'a.onnx')
    segmenter = Segmenter.load(folder / 'epoch_2.pth', device='cpu')
    for image in images[:3]:
        batch = cv2.imread(str(image))[..., ::-1].transpose(2, 0, 1)[None].copy()
        (ids,) = session.run(['ids'], {'images': batch})
        assert (ids[0] != segmenter.predict(str(image))).mean() <= 1e-3
