"""Reports how well a linear classifier reads the classes off a network."""

import argparse
import hashlib
from pathlib import Path

from mmengine.config import Config
from mmengine.device import get_device
from mmseg.registry import DATASETS

from ..datasets import full_protocol
from ..errors import InputError
from ..evaluation import LinearProbe, fit_probe, score_probe
from ..files import save_whole, write_json
from ..inference import LabeledEmbeddings
from .arguments import add_network_arguments
from .configs import load_network
from .labeled_images import (
    LABEL_FOLDER,
    check_apart,
    check_labeled,
    labeled_training_set,
)
from .parser import Parser
from .run import ConfigErrors, run

DESCRIPTION = f"""Reports how well a linear classifier reads the classes off a network.

Freezes the network, trains one 1x1 convolution on the embeddings of labeled images
and reports ordinary mIoU: no clusters, no matching. Training images are those of
train_dataloader, un-augmented, through the pipeline of val_dataloader; where the config
does not name their labels, their folder follows from that of the validation labels
(else: --cfg-options {LABEL_FOLDER}=FOLDER). Writes linear_probe.json and
linear_probe.pth into the work directory.

No image may be in both data sets, and all training images need labels. Cityscapes and
the Potsdam patches train on other splits without labels, so name them there:

  Cityscapes: --cfg-options train_dataloader.dataset.splits=[train]
      val_dataloader.dataset.splits=[val]
  Potsdam:    --cfg-options train_dataloader.dataset.splits=[labelled_train]
      val_dataloader.dataset.splits=[labelled_test]"""


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/linear_probe.py``; returns the exit code."""
    return run(_probe, make_parser().parse_args(argv))


def make_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = Parser(
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_network_arguments(parser)
    parser.add_argument(
        '--work-dir', help='folder of the results (default: work_dirs/CONFIG)'
    )
    parser.add_argument(
        '--split',
        choices=('val', 'test'),
        default='val',
        help='data set to score on (default: %(default)s)',
    )
    for name, kind, default, text in (
        ('--epochs', int, 20, 'passes over the training images'),
        ('--lr', float, 0.1, 'learning rate of Adam; high, since embeddings are short'),
        ('--batch-size', int, 16, 'images per step'),
        ('--seed', int, 0, 'of the order of the images'),
        ('--cache-gb', float, 4.0, 'memory for embeddings, computed once if they fit'),
    ):
        parser.add_argument(
            name, type=kind, default=default, help=f'{text} (default: %(default)s)'
        )
    return parser


def _probe(args: argparse.Namespace) -> None:
    for name in ('epochs', 'lr', 'batch_size'):
        if getattr(args, name) <= 0:
            option = f'--{name.replace("_", "-")}'
            raise InputError(f'{option} must be positive, got {getattr(args, name)}')
    cfg, network = load_network(args)
    training_config = labeled_training_set(cfg)
    check_labeled(cfg, f'{args.split}_dataloader')
    scoring_config = cfg[f'{args.split}_dataloader'].dataset
    with ConfigErrors():
        training, scoring = map(DATASETS.build, (training_config, scoring_config))
    classes = scoring.metainfo.get('classes', ())
    if not classes or tuple(training.metainfo['classes']) != tuple(classes):
        raise InputError(
            'the data sets must have the same classes, got '
            f'{training.metainfo["classes"]} for training and {classes} for '
            f'{args.split}'
        )
    check_apart(training, scoring, args.split)
    workers = cfg.train_dataloader.get('num_workers', 0)
    images = LabeledEmbeddings(
        network, training, args.batch_size, workers, args.cache_gb * 1e9
    )
    probe, losses = _fit(images, len(classes), args)
    held_out = LabeledEmbeddings(
        network, scoring, args.batch_size, workers, cache_bytes=0
    )
    scores, table = score_probe(
        probe, held_out.batches((args.seed, 0), 'scoring'), scoring.metainfo
    )
    figures = dict(
        protocol='linear probe, '
        + full_protocol(stated_protocol(cfg, args.split), scoring.metainfo),
        config=Path(args.config).name,
        checkpoint=args.checkpoint,
        split=args.split,
        num_images=held_out.num_images,
        num_training_images=images.num_images,
        embedding_size=probe.conv.in_channels,
        epochs=args.epochs,
        lr=args.lr,
        batch_size=args.batch_size,
        seed=args.seed,
        losses=losses,
        metrics=scores,
        classes=table,
    )
    path = _store(figures, probe, Path(cfg.work_dir))
    print(f'{figures["protocol"]}: {images.num_images} training images')
    print('  '.join(f'{name} {value:.2f}' for name, value in scores.items()))
    print(f'Figures: {path}')


def _fit(
    images: LabeledEmbeddings, num_classes: int, args: argparse.Namespace
) -> tuple[LinearProbe, list[float]]:
    """A trained probe and the loss of each epoch."""
    probe = LinearProbe(images.embedding_size, num_classes).to(get_device())
    epochs = (
        images.batches((args.seed, epoch), f'epoch {epoch + 1} of {args.epochs}')
        for epoch in range(args.epochs)
    )
    return probe, fit_probe(probe, epochs, args.lr)


def stated_protocol(cfg: Config, split: str) -> str:
    """The protocol that the config's evaluator states."""
    evaluator = cfg.get(f'{split}_evaluator') or {}
    metrics = evaluator if isinstance(evaluator, (list, tuple)) else [evaluator]
    stated = [metric['protocol'] for metric in metrics if 'protocol' in metric]
    return stated[0] if stated else f'{split} images, protocol not stated'


def _store(figures: dict, probe: LinearProbe, work_dir: Path) -> Path:
    """Writes figures and weights; returns the file of the figures."""
    path, weights = (work_dir / f'linear_probe.{end}' for end in ('json', 'pth'))
    work_dir.mkdir(parents=True, exist_ok=True)
    meta = dict(classes=tuple(figures['classes']), protocol=figures['protocol'])
    # Of the CPU, so that the file opens where there is no GPU.
    state = {name: value.cpu() for name, value in probe.state_dict().items()}
    save_whole(weights, dict(state_dict=state, meta=meta))
    # Tells figures that are not of the weights beside them.
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    write_json(path, dict(figures, weights_sha256=digest))
    return path
