"""What the benchmarks know of the package's models, hooks and loops; it is said here.

The stages call these functions, so that a change of the package is a change here.
"""

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from mmcv.transforms import LoadImageFromFile
from mmengine.config import Config
from mmengine.runner import Runner
from torch import Tensor, nn

from mmseg_picie.clustering import MiniBatchKMeans
from mmseg_picie.datasets.transforms import PackViews, PairedViews
from mmseg_picie.engine import (
    ClusteringSettings,
    KMeansLabelHook,
    LabelFreeScoresHook,
    RefitHook,
    RoundHook,
    StreamClusterer,
    find_hook,
)
from mmseg_picie.models import to_points

# --- configs ------------------------------------------------------------------------


def skip_refit(cfg: Config) -> None:
    """Predicts with view 1's centroids: no pass over plain images."""
    cfg.default_hooks.refit.eval_centroids = 'view1'


def skip_label_free_scores(cfg: Config) -> None:
    """Leaves out the scores that end a round."""
    cfg.default_hooks.label_free = None


def set_workers(cfg: Config, number: int) -> None:
    """Sets the loader workers of training and of the passes beside it."""
    cfg.default_hooks.kmeans.num_workers = number
    for name in ('train_dataloader', 'val_dataloader'):
        if cfg.get(name):
            cfg[name].num_workers = number
            cfg[name].persistent_workers = number > 0


def set_view_size(cfg: Config, size: int) -> None:
    """Sets the side of training views and test images, in pixels."""
    for step in [*cfg.train_dataloader.dataset.pipeline, *cfg.test_pipeline]:
        if 'size' in step:
            step.size = size


def set_batches(cfg: Config, training: int, clustering: int) -> None:
    """Sets the images of a step of training and of clustering."""
    cfg.train_dataloader.batch_size = training
    cfg.default_hooks.kmeans.batch_size = clustering


def scale_init(cfg: Config, share: float) -> None:
    """Gives the init of k-means its share of the images; its points stay as many."""
    settings = cfg.default_hooks.kmeans
    images = settings.get('init_images', ClusteringSettings.init_images)
    settings.init_images = max(1, round(share * images))


def view_size(runner: Runner) -> int:
    """Side of a view in pixels."""
    transforms = runner.train_dataloader.dataset.pipeline.transforms
    return next(t.size[0] for t in transforms if isinstance(t, PairedViews))


# --- the stages of a round ----------------------------------------------------------


def cluster(runner: Runner) -> None:
    """Freezes the network and clusters the views."""
    find_hook(runner, RoundHook).before_train_epoch(runner)
    find_hook(runner, KMeansLabelHook).before_train_epoch(runner)


def train(runner: Runner) -> None:
    """The steps of an epoch."""
    runner.model.train()
    for batch in runner.train_dataloader:
        runner.model.train_step(batch, runner.optim_wrapper)


def refit(runner: Runner) -> None:
    """Fits the centroids that predict."""
    find_hook(runner, RefitHook).after_train_epoch(runner)


def prepare_steps(model: nn.Module) -> None:
    """Freezes the network and draws unit centroids, so that steps can run."""
    model.freeze_network()
    generator = torch.Generator().manual_seed(0)
    for head in model.clustering_heads:
        drawn = torch.randn(head.centroids.shape, generator=generator)
        sizes = torch.ones_like(head.cluster_sizes)
        head.set_view_clusters(F.normalize(drawn, dim=2), sizes)
        head.set_eval_clusters(head.centroids[0], sizes[0], num_rounds=1)


def compile_network(model: nn.Module) -> None:
    """Compiles backbone and neck, and each frozen copy that is made of them."""
    model.backbone.compile()
    model.neck.compile()
    freeze = model.freeze_network

    def freeze_compiled() -> None:
        freeze()
        for copy in model._frozen:
            copy.compile()

    model.freeze_network = freeze_compiled


# --- pieces of a step -----------------------------------------------------------------


def next_batch(runner: Runner) -> dict:
    """A batch of training, in host memory."""
    return next(iter(runner.train_dataloader))


def preprocess(model: nn.Module, batch: dict) -> dict:
    """The batch normalized on the model's device."""
    return model.data_preprocessor(batch, True)['inputs']


def view_points(model: nn.Module, inputs: dict) -> list[Tensor]:
    """Each view's points by the frozen copy, (M, D)."""
    return [to_points(maps) for maps in model.frozen_views(inputs)]


def view_labels(model: nn.Module, inputs: dict) -> Tensor:
    """Cluster ids of each view's points, (V, M)."""
    return torch.stack(model.decode_head.label(*view_points(model, inputs)))


def set_centroids(model: nn.Module, centroids: Tensor) -> None:
    """Stores the centroids of each view, (V, K, D)."""
    head = model.decode_head
    head.set_view_clusters(centroids, torch.ones_like(head.cluster_sizes))


def total_loss(model: nn.Module, inputs: dict) -> float:
    """The loss of a batch in training mode."""
    model.train()
    return float(sum(model.loss(inputs).values()).detach())


def clustering_step(runner: Runner) -> Callable[[], None]:
    """One step of the pass over the views, on a batch in host memory."""
    model, batch = runner.model, next_batch(runner)
    prepare_steps(model)
    means = []
    for centroids in model.decode_head.centroids:
        means.append(MiniBatchKMeans(len(centroids), seed=0))
        means[-1].centroids = centroids.clone()

    def step() -> None:
        points = view_points(model, preprocess(model, batch))
        for kmeans, own in zip(means, points, strict=True):
            kmeans.partial_fit(own)

    return step


def stream_means(batches: Iterable[Tensor], centroids: Tensor) -> Tensor:
    """Centroids after a pass of mini-batch k-means from given ones, (K, D)."""
    kmeans = MiniBatchKMeans(len(centroids), seed=0)
    kmeans.centroids = centroids
    for batch in batches:
        kmeans.partial_fit(batch)
    return kmeans.centroids


# --- parts of the work --------------------------------------------------------------

Method = tuple[str, object, str]  # part, owner, name
# What one round has once, however many images there are.
FIXED_PARTS = ('k-means init', 'label-free scores')
# Inside of the first, the second is called another name.
INSIDE = {
    ('loss', 'cluster forward'): 'label forward',
    ('label-free scores', 'cluster forward'): 'label-free scores',
    ('label-free scores', 'refit forward'): 'label-free scores',
    ('label-free scores', 'to the device'): 'label-free scores',
}


def part_methods(runner: Runner) -> list[Method]:
    """The methods that do the parts of a round, in its order.

    Decoding and views are among them where the loader runs in this process.
    """
    model, optimizer = runner.model, runner.optim_wrapper
    loading = [
        ('decode', LoadImageFromFile, 'transform'),
        ('views', PairedViews, 'transform'),
        ('views', PackViews, 'transform'),
    ]
    return [
        *(loading if runner.train_dataloader.num_workers == 0 else []),
        ('to the device', model.data_preprocessor, 'forward'),
        ('cluster forward', model, 'frozen_views'),
        ('k-means init', StreamClusterer, '_initialize'),
        ('k-means', StreamClusterer, 'update'),
        ('k-means', StreamClusterer, 'finish'),
        ('labels', model, 'label'),
        ('forward', model, 'trained_views'),
        ('loss', model, 'loss'),
        ('backward', optimizer, 'backward'),
        ('optimizer', optimizer, 'step'),
        ('optimizer', optimizer, 'zero_grad'),
        ('refit forward', model, 'frozen_embed'),
        ('label-free scores', LabelFreeScoresHook, 'after_train_epoch'),
    ]


def stage_methods() -> list[Method]:
    """The methods that do the stages of a round; what is left is training."""
    return [
        ('cluster', KMeansLabelHook, 'before_train_epoch'),
        ('refit', RefitHook, 'after_train_epoch'),
        ('label-free scores', LabelFreeScoresHook, 'after_train_epoch'),
    ]
