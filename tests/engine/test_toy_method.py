"""A method from outside the package trains with the standard hooks."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_run import assert_same, make_config, run
from toy_method import CentroidDistanceLoss

from mmseg_picie.models import Clustering

TOY = dict(
    custom_imports=dict(imports=['mmseg_picie', 'toy_method']),
    model=dict(
        type='MirrorSegmentor',
        decode_head=dict(loss=dict(_delete_=True, type='CentroidDistanceLoss')),
    ),
)
SCORES = dict(type='LabelFreeScoresHook', num_images=4, points_per_image=30)


def toy_config(root, work_dir, **options):
    """The small run with the method's classes, read from a file as users do."""
    hooks = dict(label_free=SCORES)
    config = make_config(root, work_dir, default_hooks=hooks, **TOY, **options)
    work_dir.mkdir(parents=True, exist_ok=True)
    config.dump(work_dir / 'toy.py')
    return Config.fromfile(work_dir / 'toy.py')


class KeepFirstStep(Hook):
    """Keeps the network, the batch and the losses of the first step."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 0:
            self.model = copy.deepcopy(runner.model)
            self.batch = data_batch

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if runner.iter == 0:
            self.losses = {name: float(value) for name, value in outputs.items()}


@pytest.fixture(scope='module')
def toy(camvid_root, tmp_path_factory):
    """(runner after two rounds, what happened in the first step)."""
    folder = tmp_path_factory.mktemp('toy')
    runner = Runner.from_cfg(toy_config(camvid_root, folder, rounds=2))
    keep = KeepFirstStep()
    runner.register_hook(keep)
    runner.train()
    return runner, keep


def points_of(model, images):
    """Unit vectors of an image and its mirror image, added, (M, D)."""
    (maps,), (mirrored,) = (
        model.neck(model.backbone(view)) for view in (images, torch.flip(images, [3]))
    )
    points = F.normalize(maps + torch.flip(mirrored, [3]), dim=1)
    return points.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])


def test_first_loss_is_the_formula(toy):
    _, first = toy
    model = first.model
    images = model.data_preprocessor(first.batch, True)['inputs']['view1']
    (centroids,) = model.decode_head.centroids
    with torch.no_grad():
        # The frozen copy, which labels, runs in evaluation mode.
        labels = torch.cdist(points_of(model.eval(), images), centroids).argmin(1)
        points = points_of(model.train(), images)
    distances = [
        float((point - centroids[label]).square().sum())
        for point, label in zip(points, labels, strict=True)
    ]
    expected = pytest.approx(sum(distances) / len(distances), rel=1e-5)
    assert first.losses == dict(loss=expected, loss_distance=expected)


def test_pixels_that_do_not_count_are_left_out():
    maps = torch.tensor([[0.0, 3.0, 9.0], [1.0, 0.0, 9.0]]).view(1, 2, 1, 3)
    centroids = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    for labels, expected in (([0, 1, -1], (1 + 4) / 2), ([-1, -1, -1], 0)):
        labels = torch.tensor(labels)
        clustering = Clustering((labels,), (centroids,), (torch.ones(2),))
        losses = CentroidDistanceLoss()((maps,), [clustering])
        assert {name: float(value) for name, value in losses.items()} == dict(
            loss_distance=expected
        )


def test_all_weights_learn(toy):
    runner, first = toy
    initial = dict(first.model.named_parameters())
    for name, value in runner.model.named_parameters():
        assert not torch.equal(value, initial[name]), name


def test_checkpoint_predicts(toy, camvid_root, tmp_path):
    runner, _ = toy
    checkpoint = f'{runner.work_dir}/epoch_2.pth'
    config = toy_config(camvid_root, tmp_path / 'test', load_from=checkpoint)
    metrics = Runner.from_cfg(config).test()
    validated = runner.message_hub.get_scalar('val/mIoU').current()
    assert metrics['mIoU'] == pytest.approx(validated, abs=1e-9)
    assert validated > 0


def test_resume_is_exact(toy, camvid_root, tmp_path):
    runner, _ = toy
    run(toy_config(camvid_root, tmp_path / 'part', rounds=1))
    rest = run(toy_config(camvid_root, tmp_path / 'part', rounds=2, resume=True))
    assert_same(runner.model.state_dict(), rest.model.state_dict())
