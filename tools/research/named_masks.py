"""What names are worth: figures of one table row for a data set and seeds.

    python tools/research/named_masks.py DATA --minutes 0 --seeds 0 1 2 --out RUNS

DATA has `img`, `ann` and `splits/{train,test}.txt`, class ids as labels (255: none) and
maybe a `meta.json` with the class names. Clusters are found in the training images; all
figures are mIoU in percent on the test images. Labels of training images alone name
clusters and teach; the one-to-one matching reads those of the test images, as papers
do. --many leaves the one-to-one matching out, which needs a fit of its own.
"""

import argparse
import os
import statistics
import sys
from pathlib import Path

import numpy as np

from mmseg_picie import Segmenter
from mmseg_picie.cli import run as run_command
from mmseg_picie.datasets import LabelFolder
from mmseg_picie.evaluation import score_naming
from mmseg_picie.files import write_json
from mmseg_picie.inference import (
    LabeledClusterImages,
    predicting_centroids,
    save_taught,
    teach,
)
from mmseg_picie.scores import confusion_matrix, matched_scores

CLUSTERS = 100
LABELED = (5, 20)
SPLITS = ('train', 'test')


def main() -> int:
    """Runs the measurement; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('data', type=Path, help='folder of the data set')
    parser.add_argument('--minutes', type=float, default=0.0, help='of training')
    parser.add_argument('--rounds', type=int, help='of training, for minutes')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--size', type=int, help='short side of the network input')
    parser.add_argument('--many', action='store_true', help='only the 100 clusters')
    parser.add_argument('--out', type=Path, required=True, help='a new folder')
    return run_command(measure, parser.parse_args())


def measure(args: argparse.Namespace) -> None:
    """Measures all seeds, writes the figures and prints mean and spread."""
    folders = {split: link_split(args.data, split, args.out) for split in SPLITS}
    table = args.data / 'meta.json'
    labels = {
        split: LabelFolder(
            folder / 'img', folder / 'ann', table if table.is_file() else None
        )
        for split, folder in folders.items()
    }
    rows = {}
    for seed in args.seeds:
        rows[seed] = measure_seed(args, folders, labels, seed)
        print(f'seed {seed}: {rows[seed]}', flush=True)
        write_json(
            args.out / 'figures.json', {str(key): row for key, row in rows.items()}
        )
    for name in rows[args.seeds[0]]:
        values = [row[name] for row in rows.values()]
        spread = statistics.stdev(values) if len(values) > 1 else 0.0
        print(f'{name}: {statistics.mean(values):.1f} ± {spread:.1f}')


def measure_seed(args, folders: dict, labels: dict, seed: int) -> dict[str, float]:
    """Figures of one seed by name."""
    options = dict(minutes=args.minutes, rounds=args.rounds, size=args.size, seed=seed)
    images, num_classes = folders['train'] / 'img', len(labels['test'].classes)
    out = args.out / f'seed_{seed}'
    figures = {}
    if not args.many:
        few = Segmenter.fit(images, clusters=num_classes, out=out / 'few', **options)
        found = LabeledClusterImages(few, labels['test'])
        rows = score_naming(found, num_classes, num_classes, num_cards=None)
        figures['one to one, K = classes'] = rows[0].scores.mIoU
    many = Segmenter.fit(images, clusters=CLUSTERS, out=out / 'many', **options)
    test = list(LabeledClusterImages(many, labels['test']))
    train = list(LabeledClusterImages(many, labels['train']))
    centroids = predicting_centroids(many)
    order = np.random.default_rng(seed).permutation(len(train))
    for title, labeling in (
        ('100 clusters, named by cards', train),
        *((f'named by {n} images', [train[i] for i in order[:n]]) for n in LABELED),
    ):
        rows = score_naming(test, num_classes, CLUSTERS, labeling, centroids=centroids)
        method = 'cards' if labeling is train else 'majority'
        found = [row for row in rows if row.method == method]
        figures[title] = found[-1].scores.mIoU
    for count in LABELED:
        names = [labels['train'].names[index] for index in order[:count]]
        figures[f'taught by {count} images'] = taught_miou(
            many, labels, names, out / f'taught_{count}'
        )
    return {name: round(float(value), 2) for name, value in figures.items()}


def taught_miou(
    segmenter: Segmenter, labels: dict, names: list[str], folder: Path
) -> float:
    """mIoU on the test images of classes that some training images taught."""
    for name in names:
        source = labels['train'].label_path(name).resolve()
        link(source, folder / 'ann' / Path(name).with_suffix(source.suffix))
    train = labels['train']
    few = LabelFolder(train.images, folder / 'ann', classes=train.classes)
    taught = folder / 'taught.pth'
    probe = teach(segmenter, few)
    save_taught(segmenter.checkpoint, probe, few.classes, few.palette, taught)
    count = len(train.classes)
    confusion = np.zeros((count, count), np.int64)
    predictor = Segmenter(taught, predict_as='clusters')  # as many as classes
    for ids, classes in LabeledClusterImages(predictor, labels['test']):
        confusion += confusion_matrix(classes, ids, count, count)
    return matched_scores(confusion, np.arange(count)).mIoU


def link_split(data: Path, split: str, out: Path) -> Path:
    """A folder with links to the images and labels of a split."""
    folder = out / 'data' / split
    for line in (data / 'splits' / f'{split}.txt').read_text().split():
        for kind in ('img', 'ann'):
            for source in (data / kind).glob(f'{line}.*'):
                link(source.resolve(), folder / kind / source.name)
    return folder


def link(source: Path, target: Path) -> None:
    """A symbolic link; its folder is made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        os.symlink(source, target)


if __name__ == '__main__':
    sys.exit(main())
