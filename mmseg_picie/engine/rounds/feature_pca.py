"""Principal axes of a backbone's features over the training images."""

import torch
from mmengine.runner import Runner

from ...models import MultiLevelPCA
from .batch_norm import kept_modes
from .passes import evaluation_transforms, images_by_shape, plain_pass
from .run_parts import same_everywhere, sum_over_processes, unwrap


@torch.no_grad()
def fit_pca(runner: Runner, pca: MultiLevelPCA, batch_size: int | None) -> None:
    """Fits a PCA on the un-augmented training images, over all processes.

    The backbone runs in evaluation mode; the model's mode is left as it was.

    Args:
        runner: Of the training; its model gives the features.
        pca: What to fit, on the first levels of the backbone.
        batch_size: Images per step and process; None is that of training.
    """
    model, loader = unwrap(runner.model), runner.train_dataloader
    images = plain_pass(
        loader.dataset,
        evaluation_transforms(runner),
        batch_size or loader.batch_sampler.batch_size,
        loader.num_workers,
        'fitting PCA',
    )
    with kept_modes(model):
        model.eval()
        for _, samples in images.run((runner.seed, 0)):
            for _, batch, ignore in images_by_shape(samples, model.data_preprocessor):
                batch = batch.contiguous(memory_format=model.memory_format)
                levels = model.backbone(batch)[: len(pca.in_channels)]
                pca.accumulate(levels, ignore)
    sum_over_processes(pca.moments)
    pca.fit()
    # Axes of nearly equal variance may differ between processes in sign and order.
    same_everywhere(pca.mean)
    same_everywhere(pca.projection)
