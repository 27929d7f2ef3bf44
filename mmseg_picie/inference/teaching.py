"""Classes from a few labeled images: a linear head on the features of a run."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from ..checkpoints import (
    check_out,
    prediction_model,
    read_run_checkpoint,
    stored_config,
)
from ..datasets import IGNORE, LabelFolder
from ..errors import InputError
from ..evaluation import LinearProbe
from ..files import save_whole
from .input_images import read_image
from .predictor import Predictor

STEPS = 200  # of Adam, one image each
LEAST_EPOCHS = 5
LR = 0.1  # high: components of unit vectors are short
WEIGHT_DECAY = 1e-4


def teach(
    predictor: Predictor, labels: LabelFolder, seed: int = 0, advance=lambda: None
) -> LinearProbe:
    """Learns classes of labeled images on the embedding of a network.

    A linear classifier of the unit vectors, trained by Adam with a cosine decay; each
    image is also seen mirrored. Labels may be partial: pixels of 255 do not count.
    What the network knows stays as it is, so a few images are enough and it takes
    seconds.

    Args:
        predictor: Its network embeds.
        labels: Labeled images.
        seed: Of the order of the images.
        advance: Called after each image that was embedded.

    Raises:
        InputError: If no pixel is labeled, or an image cannot be read.
    """
    images = []
    for name in labels.names:
        pixels = read_image(labels.images / name)
        classes = labels.load(name).astype(np.int64)
        for mirrored in (False, True):
            if mirrored:
                pixels, classes = pixels[:, ::-1], classes[:, ::-1]
            embedding = predictor.embed(np.ascontiguousarray(pixels))
            images.append((embedding, torch.from_numpy(classes.copy())))
        advance()
    labeled = [pair for pair in images if (pair[1] != IGNORE).any()]
    if not labeled:
        raise InputError(
            f'no pixel of the {len(labels.names)} images in {labels.labels} has a '
            f'class (all are {IGNORE}): check the labels'
        )
    probe = LinearProbe(labeled[0][0].shape[0], len(labels.classes))
    return fit_few(probe.to(predictor.device), labeled, seed)


def fit_few(
    probe: LinearProbe, images: list[tuple[Tensor, Tensor]], seed: int
) -> LinearProbe:
    """Trains a probe on a few images, one a step.

    Args:
        probe: Changed in place.
        images: Embedding (D, h, w) and classes (H, W), 255 for none, each with at
            least one labeled pixel.
        seed: Of the order.
    """
    optimizer = torch.optim.Adam(probe.parameters(), LR, weight_decay=WEIGHT_DECAY)
    epochs = max(LEAST_EPOCHS, STEPS // len(images))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        for index in order.permutation(len(images)):
            loss, count = probe.loss([images[index]])
            optimizer.zero_grad()
            (loss / count).backward()
            optimizer.step()
        schedule.step()
    return probe


def save_taught(
    checkpoint: Path, probe: LinearProbe, classes: tuple, palette: list, out: Path
) -> None:
    """Writes a checkpoint whose head is the taught classifier; makes its folder.

    Args:
        checkpoint: Of the run whose embedding the probe learned on.
        probe: Its weights become the head's.
        classes: Names of the classes.
        palette: Color of each, [r, g, b].
        out: File to write; not the checkpoint itself.

    Raises:
        InputError: If ``out`` is ``checkpoint``.
    """
    check_out(checkpoint, out)
    loaded = read_run_checkpoint(str(checkpoint))
    cfg = _taught_config(stored_config(loaded, str(checkpoint)), len(classes))
    state = {
        name: value
        for name, value in loaded['state_dict'].items()
        if not name.startswith(('decode_head.', 'auxiliary_head.'))
    }
    head = 'decode_head.'
    state[f'{head}classifier.weight'] = probe.conv.weight.detach().cpu()
    state[f'{head}classifier.bias'] = probe.conv.bias.detach().cpu()
    state[f'{head}cluster_to_class'] = torch.arange(len(classes))
    meta = dict(loaded['meta'], cfg=cfg.pretty_text)
    meta['dataset_meta'] = dict(classes=tuple(classes), palette=palette)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_whole(out, dict(meta=meta, state_dict=state))


def _taught_config(cfg: Config, num_classes: int) -> Config:
    """The config with a linear head, for prediction alone."""
    content: dict[str, Any] = cfg.to_dict()
    head = dict(type='LinearHead', num_clusters=num_classes)
    content['model'] = prediction_model(content['model'], head)
    content['model']['predict_as'] = 'classes'
    return Config(content, format_python_code=False)
