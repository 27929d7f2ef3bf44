"""The whole way on generated landscapes: clusters, training, names, masks.

python tools/demo.py [--work-dir DIR] [--minutes 1]
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from demo_scratch import new_folder
from prettytable import PrettyTable

from mmseg_picie import Segmenter
from mmseg_picie.checkpoints import (
    ClusterName,
    Names,
    find_checkpoint,
    name_checkpoint,
    read_run_checkpoint,
    weights_hash,
    write_names,
)
from mmseg_picie.cli import Parser
from mmseg_picie.cli import run as run_command
from mmseg_picie.clustering import MiniBatchKMeans
from mmseg_picie.datasets import LabelFolder, generate_scenes
from mmseg_picie.datasets.scenes import SCENE_CLASSES, SCENE_PALETTE
from mmseg_picie.evaluation import NamingScores, score_naming
from mmseg_picie.files import write_json
from mmseg_picie.inference import LabeledClusterImages, predicting_centroids
from mmseg_picie.report import write_report
from mmseg_picie.visualization import save_panels

WORK_DIR = Path('work_dirs/demo')
MANY, LABELED, SHOWN = 100, 5, 6
SIZE = 128  # px, a compromise for two cores
PIXELS = 200  # colors of a scene that RGB clusters come from
ROWS = ('colors (RGB)', 'pretrained features', 'PiCIE')
PREDICTED = Iterator[tuple[np.ndarray, np.ndarray]]


def main() -> int:
    """Runs the demo; returns the exit code."""
    parser = Parser(description='From landscapes without labels to named masks')
    parser.add_argument(
        '--work-dir', type=Path, help=f'a new folder (default: {WORK_DIR}, or _2 ...)'
    )
    parser.add_argument('--train', type=int, default=150, help='scenes without labels')
    parser.add_argument('--val', type=int, default=60, help='scenes to evaluate on')
    parser.add_argument('--minutes', type=float, default=1.0, help='of each training')
    return run_command(show, parser.parse_args())


def show(args: argparse.Namespace) -> None:
    """Draws scenes, finds clusters, names them and prints what came out."""
    begin = time.monotonic()
    folder = new_folder(args.work_dir, WORK_DIR)
    print('Drawing scenes ...', flush=True)
    scenes = generate_scenes(folder / 'scenes', dict(train=args.train, val=args.val))
    train, val = (
        LabelFolder(
            scenes / 'images' / split,
            scenes / 'annotations' / split,
            classes=SCENE_CLASSES,
        )
        for split in ('train', 'val')
    )
    figures: dict[str, dict[str, float]] = {row: {} for row in ROWS}
    for clusters in (len(SCENE_CLASSES), MANY):
        predictors = {ROWS[0]: Colors(train, clusters)}
        print(f'\n{clusters} clusters:', flush=True)
        run = folder / f'clusters_{clusters}'
        final = Segmenter.fit(
            train.images,
            clusters=clusters,
            minutes=args.minutes,
            size=SIZE,
            out=run,
        )
        first = run / 'preview'
        predictors[ROWS[1]] = Segmenter(first) if first.is_dir() else final
        predictors[ROWS[2]] = final
        for row, predictor in predictors.items():
            scores = naming_scores(predictor, train, val, clusters)
            method = 'majority' if clusters == MANY else 'one_to_one'
            found = [score for score in scores if score.method == method][-1]
            figures[row][method] = found.scores.mIoU
    picture = folder / 'scenes.png'
    draw(final, found, val, picture)
    named, page = write_named(run, found)
    seconds = time.monotonic() - begin
    write_json(folder / 'result.json', dict(figures, seconds=seconds))
    report(figures, args, seconds)
    print(f'Pictures (image | clusters | named | truth): {picture}')
    print(f'The page of the clusters, to open in a browser: {page}')
    print(f'Masks of other images: mmseg-picie predict {named} IMAGES --out MASKS')


class Colors:
    """Clusters of plain colors, the baseline that needs no network."""

    def __init__(self, labels: LabelFolder, num_clusters: int) -> None:
        rng = np.random.default_rng(0)
        drawn = [
            rng.permutation(cv2.imread(str(labels.images / name)).reshape(-1, 3))[
                :PIXELS
            ]
            for name in labels.names
        ]
        points = torch.from_numpy(np.concatenate(drawn)).float()
        self.kmeans = MiniBatchKMeans(num_clusters, seed=0).initialize(points)

    def clusters(self, labels: LabelFolder, names: list[str]) -> PREDICTED:
        """Cluster ids and class ids of some images."""
        for name in names:
            image = cv2.imread(str(labels.images / name))
            ids = self.kmeans.predict(torch.from_numpy(image).reshape(-1, 3).float())
            yield ids.numpy().reshape(image.shape[:2]), labels.load(name)


def clusters_of(predictor, labels: LabelFolder, names: list[str]) -> PREDICTED:
    """Cluster ids and class ids of some images."""
    if isinstance(predictor, Colors):
        return predictor.clusters(labels, names)
    return iter(LabeledClusterImages(predictor, labels, names))


def naming_scores(
    predictor, train: LabelFolder, val: LabelFolder, num_clusters: int
) -> list[NamingScores]:
    """Scores on the held-out scenes, names by five labeled training scenes."""
    colors = isinstance(predictor, Colors)
    return score_naming(
        clusters_of(predictor, val, val.names),
        len(SCENE_CLASSES),
        num_clusters,
        labeling=clusters_of(predictor, train, train.names[:LABELED]),
        num_cards=None,
        centroids=predictor.kmeans.centroids.numpy()
        if colors
        else predicting_centroids(predictor),
    )


def draw(
    predictor: Segmenter, scores: NamingScores, val: LabelFolder, path: Path
) -> None:
    """Writes image | clusters | named classes | truth of some held-out scenes."""
    names = val.names[:: max(1, len(val.names) // SHOWN)][:SHOWN]
    found = list(clusters_of(predictor, val, names))
    save_panels(
        path,
        [cv2.imread(str(val.images / name)) for name in names],
        [ids for ids, _ in found],
        scores.cluster_to_class,
        [truth for _, truth in found],
        SCENE_CLASSES,
        SCENE_PALETTE,
    )


def write_named(run: Path, scores: NamingScores) -> tuple[Path, Path]:
    """Writes the named checkpoint, its names file and the page with these names."""
    checkpoint = find_checkpoint(run)
    names = Names(
        tuple(
            ClusterName(cluster, SCENE_CLASSES[number])
            for cluster, number in enumerate(scores.cluster_to_class)
            if number >= 0
        ),
        weights_hash(read_run_checkpoint(str(checkpoint))['state_dict']),
    )
    file, named = run / 'names.yaml', run / 'named.pth'
    write_names(file, names)
    name_checkpoint(checkpoint, names.complete(MANY), named)
    return named, write_report(run, names=file)


def report(figures: dict, args: argparse.Namespace, seconds: float) -> None:
    """Prints the table."""
    table = PrettyTable(
        [
            'mIoU (%)',
            f'{len(SCENE_CLASSES)} clusters, one to one',
            f'{MANY} clusters, named by {LABELED} scenes',
        ]
    )
    table.align['mIoU (%)'] = 'l'
    for row, values in figures.items():
        table.add_row([row, f'{values["one_to_one"]:.1f}', f'{values["majority"]:.1f}'])
    print(f'\n{args.val} held-out scenes, {seconds:.0f} s in all:')
    print(table)


if __name__ == '__main__':
    sys.exit(main())
